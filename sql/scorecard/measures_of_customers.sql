-- One row per week and metric of invitations, link coverage and repurchase on the first page.
-- grain: week_start, metric
-- Invitations stand in the week after they were sent, when their seven days are over.
-- repurchase_90d_rate: buyers whose 90 days after the first purchase day ended in the 28 days
-- before the week's end.
with

referral_weekly as (select * from referral.weekly),

community_stays as (select * from core.community_stays),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

purchases as (select * from core.orders),

calendar as (select * from core.calendar),

-- Weeks by which a cohort metric lags: the first week end at or after cohort week end + window.
lags as (
    select cohort.week_start
        as cohort_week, later.week_start, later.week_number - cohort.week_number as lag_weeks
    from weeks as cohort
    join weeks as later
        on later.week_number > cohort.week_number
        and later.week_number <= cohort.week_number + 14
),

referral_values as (
    select lags.week_start, 'invites_per_active' as metric, referral_weekly.invites_per_active
        as value,
        cast(referral_weekly.invites_sent as double) as numerator,
        cast(referral_weekly.active_members as double) as denominator, referral_weekly.is_complete,
        referral_weekly.week_start as cohort_week, referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
    union all
    select lags.week_start, 'k_factor', referral_weekly.k_factor,
        cast(referral_weekly.invites_joined as double),
        cast(referral_weekly.active_members as double), referral_weekly.is_complete,
            referral_weekly.week_start,
        referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
),

buyer_days as (
    select distinct purchases.member_id, weeks.week_start, weeks.week_end_at
    from purchases
    join weeks
        on weeks.is_order_complete
        and purchases.paid_at < weeks.week_end_at
        and purchases.paid_at >= weeks.week_end_at - interval 365 day
    where purchases.is_paid and purchases.is_counted
),

link_values as (
    select
        buyer_days.week_start,
        'link_coverage' as metric,
        count(distinct case when community_stays.member_id is not null
            then buyer_days.member_id end) as linked,
        count(distinct buyer_days.member_id) as buyers
    from buyer_days
    left join community_stays
        on buyer_days.member_id = community_stays.member_id
        and community_stays.joined_at < buyer_days.week_end_at
        and (community_stays.left_at is null or community_stays.left_at >= buyer_days.week_end_at)
    group by buyer_days.week_start
),

first_purchases as (
    select
        purchases.member_id,
        min(purchases.paid_day) as first_day,
        min(case when purchases.purchase_number = 2 then purchases.paid_day end) as second_day
    from purchases
    where purchases.is_paid and purchases.is_counted
    group by purchases.member_id
),

-- Buyers whose 90 days after the first purchase day ended within the 28 days before the week's end.
repurchase_values as (
    select
        weeks.week_start,
        count(*) as matured,
        count(case when first_purchases.second_day < first_purchases.first_day + 90 then 1 end)
            as repurchased
    from first_purchases
    join calendar on first_purchases.first_day = calendar.day
    join weeks
        on weeks.is_order_complete
        and calendar.day_end_at + interval 90 day <= weeks.week_end_at
        and calendar.day_end_at + interval 118 day > weeks.week_end_at
    group by weeks.week_start
),

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from referral_values
    union all
    select
        link_values.week_start,
        link_values.metric,
        case when weeks.is_join_complete
            then cast(link_values.linked as double) / nullif(link_values.buyers, 0) end,
        cast(link_values.linked as double),
        cast(link_values.buyers as double),
        weeks.is_join_complete,
        cast(null as date),
        case when settings.report_join_at is null then 'no_join_export'
            when not weeks.is_join_complete then 'not_covered' end
    from link_values
    cross join settings
    join weeks on link_values.week_start = weeks.week_start
    union all
    select
        week_start,
        'repurchase_90d_rate',
        cast(repurchased as double) / nullif(matured, 0),
        cast(repurchased as double),
        cast(matured as double),
        true,
        cast(null as date),
        cast(null as varchar)
    from repurchase_values
)

select
    week_start, -- week it stands in
    metric, -- key of the metric
    value, -- its value
    numerator, -- what is counted
    denominator, -- of how many
    is_complete, -- whether everything it needs is over and covered
    cohort_week, -- cohort it speaks of, where that is another week
    reason -- why it has no value
from all_values
