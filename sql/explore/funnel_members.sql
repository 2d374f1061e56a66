-- One row per member who enters a funnel and whose window is over (see explore.funnel).
-- explore.funnel, funnel_trend and compare count these rows, so that they add up.
create or replace macro explore.funnel_members(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, "by" := null, mature_only := true, as_of := null, time_zone := null,
    week_starts := null, order_column := null, events := 'core.events'
) as table
select
    member_id, -- member
    entered_at, -- instant of step 1, naive UTC; in mode open of the earliest step
    step_reached, -- steps of the chain; in mode open how many steps there are
    step_times, -- instants of the steps; in mode open NULL for a step that is not there
    by_value -- value of the column by, at the entry
from explore.funnel_paths(steps, within, mode := mode, entry := entry, from_day := from_day,
    to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
    as_of := as_of, time_zone := time_zone, week_starts := week_starts,
    order_column := order_column, events := events)
where not is_open
