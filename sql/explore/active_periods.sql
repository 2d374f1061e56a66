-- One row per member and period in which the member was active.
-- active: event names, like ['message', 'order']; NULL is what counts as active in core.events
-- (message, checkin, mini_program, order, preorder), and every event of another table.
create or replace macro explore.active_periods(
    period, active := null, from_day := null, to_day := null, as_of := null,
    time_zone := null, week_starts := null, events := 'core.events'
) as table
with

question as (
    select checked.names, calendar.*
    from explore.checked_names(coalesce(cast(active as varchar[]),
        case when events = 'core.events'
            then ['message', 'checkin', 'mini_program', 'order', 'preorder'] end),
        events := events) as checked
    cross join explore.clock(names := coalesce(cast(active as varchar[]),
        case when events = 'core.events'
            then ['message', 'checkin', 'mini_program', 'order', 'preorder'] end),
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, events := events)
        as calendar
    where explore.one_of(period, 'period', ['day', 'week', 'month']) is not null
),

days as (
    select
        own.member_id,
        explore.local_day(own.occurred_at, question.zone) as day,
        question.week_starts
    from explore.rows_of(events := events) as own
    join question on question.names is null or list_contains(question.names, own.event_name)
    where not question.is_given or own.occurred_at < question.end_at
)

select
    member_id, -- member
    explore.period_start(day, period, days.week_starts) as period_start -- first day of the period
from days
where (from_day is null or day >= cast(from_day as date))
    and (to_day is null or day <= cast(to_day as date))
group by member_id, explore.period_start(day, period, days.week_starts)
