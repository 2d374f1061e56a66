-- One row per month of first joins (NULL: all) and day after the join: who is still there?
-- grain: cohort_month, day
-- concept: M43 = stay_probability, at_risk
-- Kaplan-Meier of the first community stay to leave or kick, up to and with day x 24 h. A month is
-- NULL until its end + day <= W of joins without a hole; all of it where exits are not exported.
with

steps as (select * from retention.survival_steps),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

tens as (select unnest([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]) as ten),

ones as (select unnest([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) as one),

places as (
    select cast(tens.ten * 10 + ones.one as bigint) as day
    from tens
    cross join ones
    where tens.ten * 10 + ones.one <= 180
),

months as (
    select month_start, max(day_end_at) as month_end_at
    from calendar
    group by month_start
),

cohorts as (
    select
        steps.cohort_month,
        months.month_end_at,
        min(steps.limit_at) as limit_at,
        sum(steps.ends) as members
    from steps
    left join months on steps.cohort_month = months.month_start
    group by steps.cohort_month, months.month_end_at
),

-- An end at 24 h sharp counts on day 1; somebody is at risk on day 1 until 24 h sharp.
placed as (
    select
        steps.*,
        cast(ceil(after_microseconds / 86400000000.0) as bigint) as exit_day,
        cast(floor(after_microseconds / 86400000000.0) as bigint) + 1 as gone_day
    from steps
),

exits as (
    select cohort_month, exit_day as day, sum(exits) as exits, sum(log_factor) as log_factor,
        bool_or(is_last_exit) as is_last_exit
    from placed
    group by cohort_month, exit_day
),

gone as (
    select cohort_month, gone_day as day, sum(ends) as ends
    from placed
    group by cohort_month, gone_day
),

running as (
    select
        cohorts.cohort_month,
        cohorts.month_end_at,
        cohorts.limit_at,
        places.day,
        cohorts.members,
        cohorts.members - coalesce(sum(gone.ends) over since_join, 0) as at_risk,
        coalesce(sum(exits.exits) over since_join, 0) as exits,
        case when bool_or(coalesce(exits.is_last_exit, false)) over since_join then 0.0
            else exp(coalesce(sum(exits.log_factor) over since_join, 0.0)) end as stay_probability
    from cohorts
    cross join places
    left join exits
        on cohorts.cohort_month is not distinct from exits.cohort_month
        and places.day = exits.day
    left join gone
        on cohorts.cohort_month is not distinct from gone.cohort_month
        and places.day = gone.day
    window since_join as (
        partition by cohorts.cohort_month order by places.day
        rows between unbounded preceding and current row
    )
),

judged as (
    select
        running.*,
        coalesce(running.month_end_at + running.day * interval 24 hour
            <= settings.watermark_join_at, true) as is_over,
        coalesce(running.month_end_at + running.day * interval 24 hour
            <= running.limit_at, true) as is_complete,
        running.at_risk > 0 or running.stay_probability = 0 as is_known
    from running
    cross join settings
)

select
    judged.cohort_month, -- month of the known first join; NULL for all
    judged.day, -- days of 24 h after the join
    cast(judged.members as bigint) as cohort_size, -- members of the cohort
    case when judged.is_complete and exported.has_exits then cast(judged.at_risk as bigint) end
        as at_risk, -- stays neither ended nor censored before that instant
    case when judged.is_complete and exported.has_exits then cast(judged.exits as bigint) end
        as exited_members, -- seen to leave or be removed by then
    case when judged.is_complete and judged.is_known and exported.has_exits
        then judged.stay_probability end
        as stay_probability, -- probability that the stay has not ended by leave or kick
    judged.is_complete, -- whether the whole month can be followed that long; true for all
    exported.has_list_exits
        as has_inferred_exits, -- whether some exits are upper bounds, out of two member lists
    exported.has_exits as is_exit_exported, -- whether leaves or kicks are exported
    case
        when not exported.has_exits then 'exits_not_exported'
        when not judged.is_over then 'not_mature'
        when not judged.is_complete then 'not_covered'
        when not judged.is_known then 'nobody_at_risk'
    end as reason -- why the row has no value
from judged
cross join exported
