-- One row per event that a funnel looks at, with the steps it could be.
-- is_entry: in the period asked for and of step 1. slot: what a member may enter once per; NULL is
-- once at all. In mode strict every event of a member is here, since any of them breaks a chain.
-- The parameters are not checked here: explore.funnel_question does that.
create or replace macro explore.funnel_events(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, "by" := null, slot_period := null, as_of := null, time_zone := null,
    week_starts := null, order_column := null, events := 'core.events'
) as table
with

question as (
    select
        explore.step_names(steps) as names,
        -- DuckDB 1.4 gives the field of a NULL another type than that of a struct.
        cast(cast(exclude as struct(
            event varchar, after_step integer, before_step integer, policy varchar)).event
            as varchar) as excluded_event
),

clock as (
    select *
    from explore.clock(names := string_split(array_to_string(cast(steps as varchar[]), '|'), '|'),
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, events := events)
),

positions as (
    select unnest(names) as names, unnest(range(1, len(names) + 1)) as step
    from question
),

one_names as (select unnest(names) as event_name, step from positions),

matches as (
    select event_name, list(step order by step) as fits
    from one_names
    group by event_name
),

wanted as (
    select
        coalesce(matches.event_name, question.excluded_event) as event_name,
        coalesce(matches.fits, cast([] as bigint[])) as fits,
        coalesce(matches.event_name, question.excluded_event) = question.excluded_event
            as is_excluded
    from matches
    full join (select excluded_event from question where excluded_event is not null) as question
        on matches.event_name = question.excluded_event
)

select
    own.member_id, -- member
    own.occurred_at, -- when
    coalesce(wanted.fits, cast([] as bigint[])) as fits, -- steps it could be
    coalesce(wanted.is_excluded, false) as is_excluded, -- whether it is the excluded event
    (mode = 'open' or coalesce(list_contains(wanted.fits, 1), false))
        and (from_day is null
            or explore.local_day(own.occurred_at, clock.zone) >= cast(from_day as date))
        and (to_day is null
            or explore.local_day(own.occurred_at, clock.zone) <= cast(to_day as date))
        as is_entry, -- whether a chain may start here
    coalesce(own.occurred_at + cast(within as interval) >= clock.end_at, false)
        as is_open, -- whether its window, the instant at its end too, is not over yet
    case when slot_period is not null
        then explore.period_start(explore.local_day(own.occurred_at, clock.zone), slot_period,
            clock.week_starts) end as slot, -- period of entry
    case when "by" is not null then own.by_value end as by_value, -- value to break down by
    own.event_order, -- order among events of one instant
    coalesce(list_extract(wanted.fits, 1), 1000000) as step_order, -- first step it could be
    case when order_column is not null then own.row_order end as row_order, -- order given
    own.event_name -- what happened
from explore.rows_of("by" := "by", order_column := order_column, events := events) as own
left join wanted on own.event_name = wanted.event_name
cross join clock
where (mode = 'strict' or wanted.event_name is not null)
    and (not clock.is_given or own.occurred_at < clock.end_at)
