-- One row per kind of cohort, cohort week and week from it on to the last that orders reach into.
-- grain: cohort_kind, cohort_week, week_index
-- Whether everything of the cohort up to the end of the week is known: the week is over at W, the
-- joins of the cohort week are, and no order day since the cohort's first join or purchase is
-- uncovered. cohort_week NULL (of no cohort) begins with the first week of any line.
with

cohort_members as (select * from revenue.cohort_members),

cohort_lines as (select * from revenue.cohort_lines),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

covered as (select min(day) as first_day from calendar where is_order_covered),

cohorts as (
    select
        cohort_kind,
        cohort_week,
        cohort_week as first_week,
        min(started_day) as first_day,
        count(*) as cohort_size
    from cohort_members
    group by cohort_kind, cohort_week
    union all
    select
        cohort_kind,
        cast(null as date) as cohort_week,
        min(cohort_lines.week_start) as first_week,
        max(covered.first_day) as first_day,
        cast(null as bigint) as cohort_size
    from cohort_lines
    cross join covered
    group by cohort_lines.cohort_kind
),

ends as (
    select weeks.week_start, weeks.week_number, weeks.week_end_at, weeks.week_start_at,
        calendar.order_days_missed as missed
    from weeks
    join calendar on weeks.last_day = calendar.day
),

starts as (
    select day, order_days_missed - case when is_order_covered then 0 else 1 end as missed_before
    from calendar
)

select
    cohorts.cohort_kind, -- join or first_purchase
    cohorts.cohort_week, -- week of the join or first purchase; NULL for what is of no cohort
    ends.week_number - first_weeks.week_number as week_index, -- weeks after the cohort week
    ends.week_start, -- first day of the week
    cohorts.cohort_size, -- members or buyers of the cohort; NULL for what is of no cohort
    coalesce(ends.week_end_at <= settings.watermark_order_at, false)
        and (cohorts.cohort_kind = 'first_purchase' or cohorts.cohort_week is null
            or coalesce(first_weeks.week_end_at <= settings.watermark_join_at, false))
            as is_mature, -- whether the week and the cohort week are over
    ends.missed = starts.missed_before as is_covered, -- whether orders of all days are exported
    ends.week_end_at <= settings.report_order_at
        as is_before_report -- whether the week ends by the report
from cohorts
cross join settings
join ends as first_weeks on cohorts.first_week = first_weeks.week_start
join ends
    on ends.week_number >= first_weeks.week_number
    and ends.week_start_at < settings.watermark_order_at
join starts on cohorts.first_day = starts.day
