-- One row per member (and slot) who enters an ordered, strict or any funnel: the chain that counts.
-- One pass from a member's last event to the first. chains[k] is the chain of first fitting events
-- from the nearest later event of step k on, so that an event of step k starts with chains[k + 1]
-- behind it. In mode any, chains[k] is the next times of step k. guards[k] is the first excluded
-- event after after_step of chains[k].
create or replace macro explore.funnel_chains(
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

looked_at as (
    select *
    from explore.funnel_events(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", slot_period := slot_period,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts,
        order_column := order_column, events := events)
),

sequences as (
    select
        member_id,
        list({
            'moment': occurred_at, 'until': occurred_at + cast(within as interval), 'fits': fits,
            'is_excluded': is_excluded, 'is_entry': is_entry, 'is_open': is_open and mature_only,
            'slot': slot, 'by_value': by_value
        } order by occurred_at desc, event_order desc nulls first, fits[1] desc nulls first,
            row_order desc nulls first, event_name desc, by_value desc nulls first) as later_first
    from looked_at
    group by member_id
    having bool_or(is_entry)
),

prepared as (
    select
        sequences.*,
        question.copies,
        question.after_step,
        question.before_step,
        question.policy,
        {
            'chains': list_transform(range(len(question.step_names) + 1),
                lambda k: cast([] as timestamp[])),
            'guards': list_transform(range(len(question.step_names) + 1),
                lambda k: cast(null as timestamp)),
            'excluded_at': cast(null as timestamp),
            'excluded_then': cast(null as timestamp),
            'best': cast([] as struct(
                slot date, is_open boolean, is_hit boolean, by_value varchar, times timestamp[])[])
        } as nothing_yet
    from sequences
    cross join question
),

folded as (
    select
        member_id,
        policy,
        list_reduce(later_first, lambda so_far, one: {
            'chains': list_transform(so_far.chains, lambda chain, k: case
                when list_contains(one.fits, k) and mode = 'any'
                    then list_prepend(one.moment, chain)[1:len(so_far.chains)]
                when list_contains(one.fits, k) then list_prepend(one.moment, so_far.chains[k + 1])
                when mode = 'strict' then cast([] as timestamp[])
                else chain
            end),
            'guards': list_transform(so_far.guards, lambda guard, k: case
                when exclude is null then null
                when list_contains(one.fits, k) and k = after_step
                    then case when so_far.excluded_at > one.moment then so_far.excluded_at
                        else so_far.excluded_then end
                when list_contains(one.fits, k) then so_far.guards[k + 1]
                when mode <> 'strict' then guard
            end),
            'excluded_at': case when one.is_excluded then one.moment else so_far.excluded_at end,
            'excluded_then': case when one.is_excluded and so_far.excluded_at > one.moment
                then so_far.excluded_at else so_far.excluded_then end,
            'best': case when not one.is_entry then so_far.best else list_transform(
                [explore.guarded_chain(
                    one,
                    case when mode = 'any'
                        then list_prepend(one.moment, list_sort(list_filter(list_transform(
                            so_far.chains[2:len(copies)],
                            lambda times, k: times[copies[k + 1]]),
                            lambda t: t is not null)))
                        else list_prepend(one.moment, so_far.chains[2]) end,
                    case when exclude is null then null
                        when after_step > 1 then so_far.guards[2]
                        when so_far.excluded_at > one.moment then so_far.excluded_at
                        else so_far.excluded_then end,
                    after_step, before_step
                )],
                lambda chain: case
                    when len(so_far.best) = 0 or so_far.best[-1].slot is distinct from chain.slot
                        then list_append(so_far.best, chain)
                    when entry = 'first' or len(chain.times) >= len(so_far.best[-1].times)
                        or (so_far.best[-1].is_open and not chain.is_open)
                        then list_append(so_far.best[1:len(so_far.best) - 1], chain)
                    else so_far.best
                end)[1] end
        }, nothing_yet).best as best
    from prepared
),

chosen as (select member_id, policy, unnest(best) as chain from folded)

select
    member_id, -- member
    chain.times[1] as entered_at, -- instant of step 1, naive UTC
    len(chain.times) as step_reached, -- steps of the chain
    chain.times as step_times, -- instants of its steps
    chain.slot, -- period of entry; NULL where a member enters once
    chain.by_value, -- value to break down by, at the entry
    chain.is_open -- whether its window is not over yet
from chosen
where not (chain.is_hit and policy = 'drop_member')
