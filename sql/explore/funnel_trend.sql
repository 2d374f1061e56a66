-- A funnel by period of entry: one row per period, value of by, and step.
-- The same members as explore.funnel_members, so that the periods add up to explore.funnel. With
-- reentry := true a member may enter once per period instead, and adds_up is false.
create or replace macro explore.funnel_trend(
    steps, within, period := 'week', reentry := false, mode := 'ordered', entry := 'best',
    from_day := null, to_day := null, exclude := null, "by" := null, mature_only := true,
    as_of := null, time_zone := null, week_starts := null, order_column := null,
    events := 'core.events'
) as table
select
    * exclude (first_members),
    not reentry as adds_up -- whether the periods add up to explore.funnel
from explore.funnel_counts(steps, within, mode := mode, entry := entry, from_day := from_day,
    to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
    slot_period := case when reentry
        then explore.one_of(period, 'period', ['day', 'week', 'month']) end,
    trend_period := explore.one_of(period, 'period', ['day', 'week', 'month']),
    as_of := as_of, time_zone := time_zone, week_starts := week_starts,
    order_column := order_column, events := events)
order by period_start, by_value nulls last, step
