-- Who gets from step to step: one row per step, and per value of by. steps: event names in order;
-- 'message|checkin' is one step with alternatives. within: interval from the entry (step 1),
-- inclusive at its end, or NULL for none. mode: ordered, strict, any, open. entry: best (the
-- longest chain, the earliest among equals) or first. from_day, to_day: business days of the
-- entries, both inclusive. exclude: {event, after_step, before_step, policy}, policy drop_member
-- or not_converted. by: a column of the events, taken at the entry. mature_only: leave out entries
-- whose window is not over, and count them in open_members. as_of: end of the data. An attached
-- warehouse needs `use warehouse` first.
create or replace macro explore.funnel(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, "by" := null, mature_only := true, as_of := null, time_zone := null,
    week_starts := null, order_column := null, events := 'core.events'
) as table
select * exclude (period_start, first_members)
from explore.funnel_counts(steps, within, mode := mode, entry := entry, from_day := from_day,
    to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
    as_of := as_of, time_zone := time_zone, week_starts := week_starts,
    order_column := order_column, events := events)
order by by_value nulls last, step
