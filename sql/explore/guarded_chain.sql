-- A chain cut at the end of its window and at an excluded event. one: the entry; times: the
-- instants of its steps; guard: the first excluded event after after_step.
create or replace macro explore.guarded_chain(one, times, guard, after_step, before_step) as
    list_transform(
        [list_filter(times, lambda t: one.until is null or t <= one.until)],
        lambda kept: list_transform(
            [guard is not null and coalesce(len(kept) >= after_step
                and (one.until is null or guard <= one.until)
                and (len(kept) < before_step or guard < kept[before_step]), false)],
            lambda is_hit: {
                'slot': one.slot, 'is_open': coalesce(one.is_open, false), 'is_hit': is_hit,
                'by_value': one.by_value,
                'times': case when is_hit then list_filter(kept, lambda t: t <= guard)
                    else kept end
            })[1])[1]
