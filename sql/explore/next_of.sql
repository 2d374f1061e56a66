-- The smallest value of the member's events that follow; in mode strict that of the very next
-- event. place, which tells all events apart and costs a sort, is looked at only where it matters:
-- where one event could be several steps. Elsewhere events that are the same in the rest are of
-- one step, and none of them comes after another.
create or replace macro explore.next_of(
    value, mode, steps, member_id, occurred_at, event_order, step_order, row_order, place
) as
    case when mode = 'strict' then lead(value) over (partition by member_id order by place)
        else min(value) over (
            partition by member_id
            order by occurred_at desc, event_order desc nulls first, step_order desc,
                row_order desc nulls first,
                case when explore.are_apart(steps) then 0 else place end desc
            rows between unbounded preceding and 1 preceding) end
