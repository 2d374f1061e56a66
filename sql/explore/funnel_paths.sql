-- One row per member (and slot) who enters a funnel, open ones too: what all other macros of
-- funnels count from. Parameters are those of explore.funnel; slot_period lets a member enter once
-- per day, week or month.
create or replace macro explore.funnel_paths(
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

chains as (
    select *
    from explore.funnel_chains(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
        slot_period := slot_period, as_of := as_of, time_zone := time_zone,
        week_starts := week_starts, order_column := order_column, events := events)
    where mode = 'any' or (mode <> 'open' and (exclude is not null or len(steps) > 6))
    union all
    select *
    from explore.funnel_windows(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
        slot_period := slot_period, as_of := as_of, time_zone := time_zone,
        week_starts := week_starts, order_column := order_column, events := events)
    where mode not in ('any', 'open') and exclude is null
        and coalesce(len(steps), 0) <= 6
        and (mode <> 'ordered' or order_column is not null or not explore.are_apart(steps))
    union all
    select *
    from explore.funnel_nearest(steps, within, entry := entry, from_day := from_day,
        to_day := to_day, "by" := "by", mature_only := mature_only, slot_period := slot_period,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, is_exact := true,
        events := events)
    where mode = 'ordered' and exclude is null and coalesce(len(steps), 0) <= 6
        and order_column is null and coalesce(explore.are_apart(steps), true)
    union all
    select *
    from explore.funnel_nearest(steps, within, entry := entry, from_day := from_day,
        to_day := to_day, "by" := "by", mature_only := mature_only, slot_period := slot_period,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, is_exact := false,
        events := events)
    where mode = 'ordered' and exclude is null and coalesce(len(steps), 0) <= 6
        and order_column is null and coalesce(explore.are_apart(steps), true)
),

-- Mode open: each stage on its own; the n-th copy of a step needs n events.
stage_events as (
    select
        member_id, occurred_at, event_order, row_order, event_name, by_value, slot,
        unnest(fits) as step
    from explore.funnel_events(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", slot_period := slot_period,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts,
        order_column := order_column, events := events)
    where mode = 'open' and is_entry
),

stages as (
    select
        member_id,
        slot,
        step,
        list(occurred_at order by occurred_at) as times
    from stage_events
    group by member_id, slot, step
),

firsts as (
    select member_id, slot, occurred_at, by_value
    from stage_events
    qualify row_number() over (
        partition by member_id, slot
        order by occurred_at, event_order nulls last, step, row_order nulls last, event_name,
            by_value nulls last) = 1
),

maps as (
    select
        member_id,
        slot,
        map_from_entries(list({'step': step, 'times': times})) as times_of
    from stages
    group by member_id, slot
),

present as (
    select
        firsts.member_id,
        firsts.occurred_at,
        firsts.slot,
        firsts.by_value,
        list_transform(question.copies,
            lambda copy, k: list_extract(maps.times_of[k], copy)) as times
    from firsts
    join maps on firsts.member_id = maps.member_id and firsts.slot is not distinct from maps.slot
    cross join question
)

select
    member_id, -- member
    entered_at, -- instant of step 1, naive UTC; in mode open of the earliest step
    step_reached, -- steps of the chain; in mode open how many steps there are
    step_times, -- instants of the steps; in mode open NULL for a step that is not there
    slot, -- period of entry; NULL where a member enters once
    by_value, -- value to break down by, at the entry
    is_open -- whether its window is not over yet
from chains
union all
select
    member_id, occurred_at, len(list_filter(times, lambda t: t is not null)), times, slot,
    by_value, false
from present
