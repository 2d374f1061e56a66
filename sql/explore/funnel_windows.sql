-- The same as explore.funnel_chains for ordered and strict funnels of up to six steps without an
-- excluded event, in windows: many times as fast. next_kj is, at an event of step k, when step j
-- of its chain is. Since later events have no earlier chains, the chain of the next event of step
-- k + 1 is the running minimum over all that follow; in mode strict it is that of the very next
-- event.
create or replace macro explore.funnel_windows(
    steps, within, mode := 'ordered', entry := 'best', from_day := null, to_day := null,
    exclude := null, "by" := null, mature_only := true, slot_period := null, as_of := null,
    time_zone := null, week_starts := null, order_column := null, events := 'core.events'
) as table
with

question as (
    select *
    from explore.funnel_question(steps, within, mode := mode, entry := entry,
        from_day := from_day, to_day := to_day, exclude := exclude, events := events)
    where is_sound
),

placed as (
    select
        member_id, occurred_at, event_order, step_order, row_order, is_entry,
        is_open and mature_only as is_open, slot, by_value,
        case when list_contains(fits, 2) then occurred_at end as at_2,
        case when list_contains(fits, 3) then occurred_at end as at_3,
        case when list_contains(fits, 4) then occurred_at end as at_4,
        case when list_contains(fits, 5) then occurred_at end as at_5,
        case when list_contains(fits, 6) then occurred_at end as at_6,
        row_number() over (
            partition by member_id
            order by occurred_at, event_order nulls last, step_order, row_order nulls last,
                event_name, by_value nulls last) as place
    from explore.funnel_events(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", slot_period := slot_period,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts,
        order_column := order_column, events := events)
),

after_5 as (
    select
        *,
        explore.next_of(at_6, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_56
    from placed
),

after_4 as (
    select
        *,
        explore.next_of(at_5, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_45,
        explore.next_of(case when at_5 is not null then next_56 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_46
    from after_5
),

after_3 as (
    select
        *,
        explore.next_of(at_4, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_34,
        explore.next_of(case when at_4 is not null then next_45 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_35,
        explore.next_of(case when at_4 is not null then next_46 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_36
    from after_4
),

after_2 as (
    select
        *,
        explore.next_of(at_3, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_23,
        explore.next_of(case when at_3 is not null then next_34 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_24,
        explore.next_of(case when at_3 is not null then next_35 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_25,
        explore.next_of(case when at_3 is not null then next_36 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_26
    from after_3
),

after_1 as (
    select
        *,
        explore.next_of(at_2, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_12,
        explore.next_of(case when at_2 is not null then next_23 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_13,
        explore.next_of(case when at_2 is not null then next_24 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_14,
        explore.next_of(case when at_2 is not null then next_25 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_15,
        explore.next_of(case when at_2 is not null then next_26 end, mode, steps, member_id,
            occurred_at, event_order, step_order, row_order, place) as next_16
    from after_2
),

-- Steps that the funnel has not are NULL here, so that DuckDB leaves out their windows.
entries as (
    select
        member_id, occurred_at as time_1, is_open, slot, by_value, place,
        explore.in_window(next_12, occurred_at, within, len(steps) >= 2) as time_2,
        explore.in_window(next_13, occurred_at, within, len(steps) >= 3) as time_3,
        explore.in_window(next_14, occurred_at, within, len(steps) >= 4) as time_4,
        explore.in_window(next_15, occurred_at, within, len(steps) >= 5) as time_5,
        explore.in_window(next_16, occurred_at, within, len(steps) >= 6) as time_6
    from after_1
    where is_entry
),

-- Smallest first: not open, most steps, earliest. place tells entries of one instant apart where
-- their chains can differ.
ranked as (
    select
        *,
        case when "by" is null and mode <> 'strict' and explore.are_apart(steps)
            then epoch_us(time_1) else place end
            + case when entry = 'first' then 0
                else (case when is_open then 1::bigint << 60 else 0 end)
                    - ((time_2 is not null)::bigint + (time_3 is not null)::bigint
                        + (time_4 is not null)::bigint + (time_5 is not null)::bigint
                        + (time_6 is not null)::bigint) * (1::bigint << 54) end as rank
    from entries
),

chosen as (
    select
        member_id,
        slot,
        arg_min({
            'is_open': is_open, 'by_value': by_value, 'time_1': time_1, 'time_2': time_2,
            'time_3': time_3, 'time_4': time_4, 'time_5': time_5, 'time_6': time_6
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
