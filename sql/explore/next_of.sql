-- The smallest value of the events that follow; in mode strict that of the very next event.
create or replace macro explore.next_of(value, mode, member_id, place) as
    case when mode = 'strict' then lead(value) over (partition by member_id order by place)
        else min(value) over (
            partition by member_id order by place desc
            rows between unbounded preceding and 1 preceding) end
