-- The same as explore.funnel_chains for ordered funnels of up to six steps that have no event in
-- common, without an excluded event: each step is the nearest of its events at or after the step
-- before, found by an as-of join, so that only the two steps at hand are sorted.
-- is_exact: events of one instant are in the order of event_order (NULL last); else in the order
-- of the steps, which sorts by instants alone and takes half the time. No rows come where
-- explore.has_order says that it is the other way.
create or replace macro explore.funnel_nearest(
    steps, within, entry := 'best', from_day := null, to_day := null, "by" := null,
    mature_only := true, slot_period := null, as_of := null, time_zone := null,
    week_starts := null, is_exact := true, events := 'core.events'
) as table
with

question as (
    select *
    from explore.funnel_question(steps, within, mode := 'ordered', entry := entry,
        from_day := from_day, to_day := to_day, events := events)
    where is_sound
),

-- The type of place is chosen by is_exact.
own as not materialized (
    select
        looked.member_id, looked.occurred_at, looked.event_order, looked.event_name,
        looked.step_order, looked.is_entry, looked.is_open, looked.slot, looked.by_value,
        struct_extract({
            'exact': {
                't': looked.occurred_at,
                'o': coalesce(looked.event_order, 9223372036854775807)
            },
            'plain': looked.occurred_at
        }, case when is_exact then 'exact' else 'plain' end) as place
    from explore.funnel_events(steps, within, entry := entry, from_day := from_day,
        to_day := to_day, "by" := "by", slot_period := slot_period, as_of := as_of,
        time_zone := time_zone, week_starts := week_starts, events := events) as looked
    cross join explore.has_order(is_exact, events := events)
),

-- core.events takes long to read: once. What has no order is read once for each step instead, which
-- is quicker than to keep it.
kept as materialized (select * from own where is_exact),

looked_at as not materialized (
    select * from kept
    union all
    select * from own where not is_exact
),

entries as (
    select member_id, occurred_at, event_order, event_name, is_open, slot, by_value, place
    from looked_at
    where step_order = 1 and is_entry
),

-- Who is at step k: each entry with the nearest events of the steps up to it.
at_2 as (
    select before.* exclude (place), later.place, later.occurred_at as time_2
    from entries as before
    asof join (select * from looked_at where step_order = 2 and len(steps) >= 2) as later
        on before.member_id = later.member_id and before.place <= later.place
    where cast(within as interval) is null
        or later.occurred_at <= before.occurred_at + cast(within as interval)
),

at_3 as (
    select before.* exclude (place), later.place, later.occurred_at as time_3
    from at_2 as before
    asof join (select * from looked_at where step_order = 3 and len(steps) >= 3) as later
        on before.member_id = later.member_id and before.place <= later.place
    where cast(within as interval) is null
        or later.occurred_at <= before.occurred_at + cast(within as interval)
),

at_4 as (
    select before.* exclude (place), later.place, later.occurred_at as time_4
    from at_3 as before
    asof join (select * from looked_at where step_order = 4 and len(steps) >= 4) as later
        on before.member_id = later.member_id and before.place <= later.place
    where cast(within as interval) is null
        or later.occurred_at <= before.occurred_at + cast(within as interval)
),

at_5 as (
    select before.* exclude (place), later.place, later.occurred_at as time_5
    from at_4 as before
    asof join (select * from looked_at where step_order = 5 and len(steps) >= 5) as later
        on before.member_id = later.member_id and before.place <= later.place
    where cast(within as interval) is null
        or later.occurred_at <= before.occurred_at + cast(within as interval)
),

at_6 as (
    select before.* exclude (place), later.place, later.occurred_at as time_6
    from at_5 as before
    asof join (select * from looked_at where step_order = 6 and len(steps) >= 6) as later
        on before.member_id = later.member_id and before.place <= later.place
    where cast(within as interval) is null
        or later.occurred_at <= before.occurred_at + cast(within as interval)
),

chains as (
    select *, 1 as reached from entries
    union all by name select *, 2 as reached from at_2
    union all by name select *, 3 as reached from at_3
    union all by name select *, 4 as reached from at_4
    union all by name select *, 5 as reached from at_5
    union all by name select *, 6 as reached from at_6
),

-- Smallest first: not open, most steps, earliest; with entry first, the earliest and then most
-- steps. Where events of one instant differ, so do their order, names and values.
ranked as (
    select
        *,
        struct_extract({
            'plain': case when entry = 'first'
                then epoch_us(occurred_at) * 8 - reached
                else epoch_us(occurred_at) - reached * (1::bigint << 54)
                    + case when is_open and mature_only then 1::bigint << 60 else 0 end end,
            'exact': {
                'is_open': entry <> 'first' and is_open and mature_only,
                'missing': case when entry = 'first' then 0 else -reached end,
                'moment': occurred_at,
                'event_order': coalesce(event_order, 9223372036854775807),
                'name': case when "by" is not null then event_name end,
                'has_value': by_value is null,
                'by_value': by_value,
                'then_missing': -reached
            }
        }, case when is_exact or "by" is not null then 'exact' else 'plain' end) as rank
    from chains
),

chosen as (
    select
        member_id,
        slot,
        arg_min({
            'is_open': is_open and mature_only, 'by_value': by_value, 'time_1': occurred_at,
            'time_2': time_2, 'time_3': time_3, 'time_4': time_4, 'time_5': time_5,
            'time_6': time_6
        }, rank) as chain
    from ranked
    group by member_id, slot
),

listed as (
    select
        chosen.*,
        list_filter([chain.time_1, chain.time_2, chain.time_3, chain.time_4, chain.time_5,
            chain.time_6], lambda t: t is not null) as step_times
    from chosen
    join question on question.is_sound
)

select
    member_id, -- member
    chain.time_1 as entered_at, -- instant of step 1, naive UTC
    len(step_times) as step_reached, -- steps of the chain
    step_times, -- instants of its steps
    slot, -- period of entry; NULL where a member enters once
    chain.by_value, -- value to break down by, at the entry
    chain.is_open -- whether its window is not over yet
from listed
