-- One row per week and metric of the first page: the value before its history is looked at.
-- grain: week_start, metric
-- A cohort metric stands in the week in which its window ended, and names its cohort week. base is what decides
-- whether a change can be called unusual.
with

acquisition_weekly as (select * from acquisition.weekly),

cohorts as (select * from activation.cohorts),

retention_cohorts as (select * from retention.cohorts),

revenue_weekly as (select * from revenue.weekly),

referral_weekly as (select * from referral.weekly),

snapshots as (select * from group_health.snapshots),

states as (select * from group_health.states),

joiners as (select * from activation.joiners),

community_stays as (select * from core.community_stays),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

members as (select * from core.members),

purchases as (select * from core.orders),

scope_activity as (select * from retention.scope_weeks),

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

roles as (select * from core.roles),

-- Weeks by which a cohort metric lags: the first week end at or after cohort week end + window.
lags as (
    select cohort.week_start as cohort_week, later.week_start, later.week_number - cohort.week_number as lag_weeks
    from weeks as cohort
    join weeks as later
        on later.week_number > cohort.week_number
        and later.week_number <= cohort.week_number + 14
),

cohort_values as (
    select lags.week_start, 'activated_7d_rate' as metric, cohorts.activated_7d_rate as value,
        cast(cohorts.activated_7d_members as double) as numerator,
        cast(cohorts.cohort_size as double) as denominator, cohorts.is_complete_7d as is_complete,
        cohorts.cohort_week, cohorts.reason
    from cohorts
    join lags on cohorts.cohort_week = lags.cohort_week and lags.lag_weeks = 1
    union all
    select lags.week_start, 'first_order_7d_rate', cohorts.first_order_7d_rate,
        cast(cohorts.first_order_7d_members as double), cast(cohorts.cohort_size as double),
        cohorts.is_order_complete_7d, cohorts.cohort_week, cohorts.reason
    from cohorts
    join lags on cohorts.cohort_week = lags.cohort_week and lags.lag_weeks = 1
    union all
    select lags.week_start, 'first_order_30d_rate', cohorts.first_order_30d_rate,
        cast(cohorts.first_order_30d_members as double), cast(cohorts.cohort_size as double),
        cohorts.is_order_complete_30d, cohorts.cohort_week, cohorts.reason
    from cohorts
    join lags on cohorts.cohort_week = lags.cohort_week and lags.lag_weeks = 5
    union all
    select lags.week_start, 'retention_week4', retention_cohorts.retention_rate,
        cast(retention_cohorts.active_members as double), cast(retention_cohorts.cohort_size as double),
        retention_cohorts.is_complete, retention_cohorts.cohort_week, retention_cohorts.reason
    from retention_cohorts
    join lags on retention_cohorts.cohort_week = lags.cohort_week and lags.lag_weeks = 4
    where retention_cohorts.week_index = 4
),

stay_30d as (
    select
        joiners.cohort_week,
        count(distinct joiners.member_id) as cohort_size,
        count(distinct case
            when community_stays.joined_at <= joiners.joined_at + interval 720 hour
                and (community_stays.left_at is null
                    or community_stays.left_at > joiners.joined_at + interval 720 hour)
                then joiners.member_id
        end) as stayed
    from joiners
    join community_stays on joiners.member_id = community_stays.member_id
    where joiners.group_id is null
    group by joiners.cohort_week
),

exits as (select bool_or(action in ('leave', 'kick')) as is_exported from staging.joins),

stay_values as (
    select
        lags.week_start,
        'stay_30d_rate' as metric,
        case when weeks.week_end_at + interval 720 hour <= settings.watermark_join_at and exits.is_exported
            then cast(stay_30d.stayed as double) / stay_30d.cohort_size end as value,
        case when weeks.week_end_at + interval 720 hour <= settings.watermark_join_at and exits.is_exported
            then cast(stay_30d.stayed as double) end as numerator,
        cast(stay_30d.cohort_size as double) as denominator,
        coalesce(weeks.week_end_at + interval 720 hour <= settings.watermark_join_at, false) as is_complete,
        stay_30d.cohort_week,
        case when not coalesce(exits.is_exported, false) then 'exits_not_exported'
            when not coalesce(weeks.week_end_at + interval 720 hour <= settings.watermark_join_at, false)
                then 'not_mature' end as reason
    from stay_30d
    cross join settings
    cross join exits
    join weeks on stay_30d.cohort_week = weeks.week_start
    join lags on stay_30d.cohort_week = lags.cohort_week and lags.lag_weeks = 5
),

acquisition_values as (
    select week_start, 'new_members' as metric, cast(case when is_complete then new_members end as double) as value,
        cast(null as double) as numerator, cast(null as double) as denominator, is_complete, reason
    from acquisition_weekly
    union all
    select week_start, 'net_members', cast(case when is_complete then net_members end as double),
        cast(case when is_complete then opened end as double), cast(case when is_complete then closed end as double),
        is_complete, reason
    from acquisition_weekly
    union all
    select week_start, 'exit_rate', exit_rate, cast(left_members as double), cast(members_at_start as double),
        is_complete, reason
    from acquisition_weekly
),

revenue_values as (
    select week_start, 'gmv' as metric, cast(case when is_complete then gmv end as double) as value,
        cast(gmv as double) as numerator, cast(paid_orders as double) as denominator, is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'net_revenue', cast(case when is_complete then net_revenue end as double),
        cast(net_revenue as double), cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'margin', cast(case when is_complete then margin end as double), cast(margin as double),
        cast(net_revenue as double), is_complete, case when margin is null then 'no_cost' else reason end
    from revenue_weekly
    union all
    select week_start, 'buyers', cast(case when is_complete then buyers end as double), cast(buyers as double),
        cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'average_order_value', case when is_complete then average_order_value end,
        cast(gmv as double), cast(paid_orders as double), is_complete, reason
    from revenue_weekly
    union all
    select week_start, 'spend_per_buyer', case when is_complete then spend_per_buyer end,
        cast(identified_gmv as double), cast(buyers as double), is_complete, reason
    from revenue_weekly
),

referral_values as (
    select lags.week_start, 'invites_per_active' as metric, referral_weekly.invites_per_active as value,
        cast(referral_weekly.invites_sent as double) as numerator,
        cast(referral_weekly.active_members as double) as denominator, referral_weekly.is_complete,
        referral_weekly.week_start as cohort_week, referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
    union all
    select lags.week_start, 'k_factor', referral_weekly.k_factor, cast(referral_weekly.invites_joined as double),
        cast(referral_weekly.active_members as double), referral_weekly.is_complete, referral_weekly.week_start,
        referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
),

group_values as (
    select
        snapshots.week_start,
        sum(case when snapshots.participation_7d is not null then snapshots.posters_7d end) as posters,
        sum(case when snapshots.participation_7d is not null then snapshots.archived_members end) as archived,
        sum(case when snapshots.lurker_rate is not null then snapshots.lurkers end) as lurkers,
        sum(case when snapshots.lurker_rate is not null then snapshots.settled_members end) as settled,
        count(case when states.state = 'healthy' then 1 end) as healthy,
        count(case when states.state in ('dying', 'dead') then 1 end) as dying_or_dead,
        count(case when states.state <> 'unknown' then 1 end) as judged_groups
    from snapshots
    join states on snapshots.group_id = states.group_id and snapshots.week_start = states.week_start
    group by snapshots.week_start
),

health_values as (
    select week_start, 'participation_rate' as metric, cast(posters as double) / nullif(archived, 0) as value,
        cast(posters as double) as numerator, cast(archived as double) as denominator
    from group_values
    union all
    select week_start, 'lurker_rate', cast(lurkers as double) / nullif(settled, 0), cast(lurkers as double),
        cast(settled as double)
    from group_values
    union all
    select week_start, 'healthy_groups', case when judged_groups > 0 then cast(healthy as double) end,
        cast(healthy as double), cast(judged_groups as double)
    from group_values
    union all
    select week_start, 'dying_or_dead_groups', case when judged_groups > 0 then cast(dying_or_dead as double) end,
        cast(dying_or_dead as double), cast(judged_groups as double)
    from group_values
),

daily as (
    select calendar.week_start, member_days.day, count(distinct member_days.member_id) as actives
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.is_active
    group by calendar.week_start, member_days.day
),

weekly_actives as (
    select week_start, count(*) as actives
    from scope_activity
    where group_id is null
    group by week_start
),

stickiness_values as (
    select
        weeks.week_start,
        'dau_wau' as metric,
        case when weeks.is_activity_complete
            then sum(daily.actives) / 7.0 / nullif(max(weekly_actives.actives), 0) end as value,
        sum(daily.actives) / 7.0 as numerator,
        cast(max(weekly_actives.actives) as double) as denominator,
        weeks.is_activity_complete as is_complete
    from weeks
    join weekly_actives on weeks.week_start = weekly_actives.week_start
    join daily on weeks.week_start = daily.week_start
    group by weeks.week_start, weeks.is_activity_complete
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
        count(distinct case when community_stays.member_id is not null then buyer_days.member_id end) as linked,
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
        count(case when first_purchases.second_day <= first_purchases.first_day + 90 then 1 end) as repurchased
    from first_purchases
    join calendar on first_purchases.first_day = calendar.day
    join weeks
        on weeks.is_order_complete
        and calendar.day_end_at + interval 90 day <= weeks.week_end_at
        and calendar.day_end_at + interval 118 day > weeks.week_end_at
    group by weeks.week_start
),

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason from cohort_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason from stay_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cast(null as date), reason
    from acquisition_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cast(null as date), reason
    from revenue_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason from referral_values
    union all
    select week_start, metric, value, numerator, denominator, value is not null, cast(null as date),
        case when value is null then 'not_covered' end
    from health_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cast(null as date),
        case when value is null then 'incomplete_week' end
    from stickiness_values
    union all
    select link_values.week_start, link_values.metric,
        case when settings.report_join_at is not null
            then cast(link_values.linked as double) / nullif(link_values.buyers, 0) end,
        cast(link_values.linked as double), cast(link_values.buyers as double), true, cast(null as date),
        case when settings.report_join_at is null then 'no_join_export' end
    from link_values
    cross join settings
    union all
    select week_start, 'repurchase_90d_rate', cast(repurchased as double) / nullif(matured, 0),
        cast(repurchased as double), cast(matured as double), true, cast(null as date), cast(null as varchar)
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
