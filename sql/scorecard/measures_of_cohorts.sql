-- One row per week and cohort metric of the first page: activation, first orders, week-4 retention,
-- 30-day stay.
-- grain: week_start, metric
-- A cohort metric stands in the week in which its window ended, and names its cohort week.
with

cohorts as (select * from activation.cohorts),

retention_cohorts as (select * from retention.cohorts),

joiners as (select * from activation.joiners),

community_stays as (select * from core.community_stays),

exit_windows as (select * from acquisition.exit_windows),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

-- Weeks by which a cohort metric lags: the first week end at or after cohort week end + window.
lags as (
    select cohort.week_start
        as cohort_week, later.week_start, later.week_number - cohort.week_number as lag_weeks
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
        cast(retention_cohorts.active_members as double),
            cast(retention_cohorts.cohort_size as double),
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

exits as (select has_exits as is_exported from core.exported),

stay_values as (
    select
        lags.week_start,
        'stay_30d_rate' as metric,
        case when exit_windows.is_complete_30d and exits.is_exported
            then cast(stay_30d.stayed as double) / stay_30d.cohort_size end as value,
        case when exit_windows.is_complete_30d and exits.is_exported
            then cast(stay_30d.stayed as double) end as numerator,
        cast(stay_30d.cohort_size as double) as denominator,
        exit_windows.is_complete_30d as is_complete,
        stay_30d.cohort_week,
        case when not coalesce(exits.is_exported, false) then 'exits_not_exported'
            when exit_windows.is_complete_30d then null
            when weeks.week_end_at + interval 720 hour <= settings.watermark_join_at
                then 'not_covered'
            else 'not_mature' end as reason
    from stay_30d
    cross join settings
    cross join exits
    join weeks on stay_30d.cohort_week = weeks.week_start
    join exit_windows on stay_30d.cohort_week = exit_windows.cohort_week
    join lags on stay_30d.cohort_week = lags.cohort_week and lags.lag_weeks = 5
),

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from cohort_values
    union all
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from stay_values
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
