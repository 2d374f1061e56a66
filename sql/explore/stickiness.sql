-- Members by in how many periods they were active: one row per number of periods, from 1.
-- period: day, week or month. from_day, to_day: the range, business days, both inclusive.
-- active: see active_periods.
create or replace macro explore.stickiness(
    period, active := null, from_day := null, to_day := null, as_of := null,
    time_zone := null, week_starts := null, events := 'core.events'
) as table
with

member_counts as (
    select member_id, count(*) as active_periods
    from explore.active_periods(period, active := active, from_day := from_day,
        to_day := to_day, as_of := as_of, time_zone := time_zone, week_starts := week_starts,
        events := events)
    group by member_id
),

counts as (
    select active_periods, count(*) as members
    from member_counts
    group by active_periods
),

numbers as (
    select unnest(range(1, coalesce(max(active_periods), 0) + 1)) as active_periods
    from counts
)

select
    numbers.active_periods, -- distinct periods with activity
    coalesce(counts.members, 0) as members, -- members with exactly so many
    cast(sum(coalesce(counts.members, 0)) over (order by numbers.active_periods desc) as bigint)
        as members_at_least -- members with so many or more
from numbers
left join counts on numbers.active_periods = counts.active_periods
order by numbers.active_periods
