-- One row per measure of early exits, costs of joining and lead gifts.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M05 = early_exit_48h_rate
-- concept: M07 = cac, cac_first_buyer
-- concept: M08 = lead_gift_unit_cost, lead_gift_over_limit_share, lead_gift_cac
-- Weeks of first joins and, as period all, complete weeks added up.
with

joiners as (select * from acquisition.channel_joiners),

channels as (select * from acquisition.channels),

exit_windows as (select * from acquisition.exit_windows),

revenue_weekly as (select * from revenue.weekly),

gifts as (select * from core.gifts),

settings as (select * from core.settings),

exported as (select * from core.exported),

exit_weeks as (
    select
        joiners.cohort_week,
        exit_windows.is_complete_48h and exit_windows.is_known_48h as is_complete,
        exit_windows.is_known_48h as is_known,
        count(*) as members,
        count(case when joiners.is_gone_48h then 1 end) as gone
    from joiners
    join exit_windows on joiners.cohort_week = exit_windows.cohort_week
    group by joiners.cohort_week, exit_windows.is_complete_48h, exit_windows.is_known_48h
),

cost_weeks as (
    select
        channels.cohort_week,
        bool_and(channels.is_complete) as is_complete,
        sum(channels.new_members) as members,
        sum(channels.cost) as cost,
        max(case when revenue_weekly.is_complete then revenue_weekly.new_buyers end) as new_buyers
    from channels
    left join revenue_weekly on channels.cohort_week = revenue_weekly.week_start
    group by channels.cohort_week
),

lead_gifts as (
    select
        gifts.unit_cost,
        gifts.unit_cost > settings.lead_gift_limit as is_over,
        joiners.member_id
    from gifts
    cross join settings
    left join joiners on gifts.member_id = joiners.member_id
    where gifts.gift_kind = 'lead'
        and gifts.unit_cost is not null
        and coalesce(gifts.issued_at < settings.report_join_at, true)
),

buckets as (
    select unnest([false, true]) as is_over
),

measures as (
    select 'M05' as concept_id, 'early_exit_48h_rate' as measure, 'community' as subject_kind,
        'all' as subject, cast(cohort_week as varchar) as period, cast(gone as double) as part,
        cast(members as double) as whole, is_complete as is_known, is_known as is_listed_often
    from exit_weeks
    union all
    select 'M05', 'early_exit_48h_rate', 'community', 'all', 'all',
        cast(sum(case when is_complete then gone end) as double),
        cast(sum(case when is_complete then members end) as double),
        count(*) = 0 or bool_or(is_complete), count(*) = 0 or bool_or(is_known)
    from exit_weeks
    union all
    select 'M07', 'cac', 'community', 'all', cast(cohort_week as varchar), cast(cost as double),
        cast(members as double), is_complete, true
    from cost_weeks
    union all
    select 'M07', 'cac', 'community', 'all', 'all',
        cast(sum(case when is_complete then cost end) as double),
        cast(sum(case when is_complete then members end) as double),
        count(*) = 0 or bool_or(is_complete), true
    from cost_weeks
    union all
    select 'M07', 'cac_first_buyer', 'community', 'all', cast(cohort_week as varchar),
        case when new_buyers is not null then cast(cost as double) end,
        cast(new_buyers as double), is_complete, true
    from cost_weeks
    union all
    select 'M07', 'cac_first_buyer', 'community', 'all', 'all',
        cast(sum(case when is_complete and new_buyers is not null then cost end) as double),
        cast(sum(case when is_complete then new_buyers end) as double),
        count(*) = 0 or bool_or(is_complete), true
    from cost_weeks
    union all
    select 'M08', 'lead_gift_unit_cost', 'community', 'all', 'all',
        cast(sum(unit_cost) as double), cast(count(*) as double), true, true
    from lead_gifts
    union all
    select 'M08', 'lead_gift_over_limit_share', 'community', 'all', 'all',
        cast(count(case when is_over then 1 end) as double), cast(count(*) as double), true, true
    from lead_gifts
    union all
    select 'M08', 'lead_gift_cac', 'gift_cost',
        case when buckets.is_over then 'over_limit' else 'within_limit' end, 'all',
        cast(sum(lead_gifts.unit_cost) as double),
        cast(count(distinct lead_gifts.member_id) as double), true, true
    from buckets
    left join lead_gifts on buckets.is_over = lead_gifts.is_over
    group by buckets.is_over
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_join_at is null then 'no_join_export'
            when measures.concept_id = 'M05' and not exported.has_exits then 'exits_not_exported'
            when not measures.is_listed_often then 'lists_too_far_apart'
            when measures.concept_id = 'M07'
                and not (exported.has_gift_costs or exported.has_spend) then 'no_costs'
            when measures.concept_id = 'M08'
                and not exported.has_gift_costs then 'no_lead_gifts'
            when measures.measure = 'cac_first_buyer' and settings.watermark_order_at is null
                then 'no_order_export'
            when not measures.is_known and measures.concept_id = 'M07' then 'incomplete_week'
            when not measures.is_known then 'not_mature'
            when measures.measure = 'cac_first_buyer' and measures.whole is null
                then 'short_order_history'
            when coalesce(measures.whole, 0) > 0 then null
            when measures.measure = 'cac_first_buyer' then 'no_buyers'
            when measures.measure = 'lead_gift_cac' then 'no_members'
            when measures.concept_id = 'M08' then 'no_lead_gifts'
            else 'no_new_members'
        end as reason
    from measures
    cross join settings
    cross join exported
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or gift_cost
    subject, -- all, within_limit or over_limit
    period, -- first day of the week, or all
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted or paid
    case when reason is null then whole end as denominator, -- of what, or for how many
    reason -- why there is no value
from judged
