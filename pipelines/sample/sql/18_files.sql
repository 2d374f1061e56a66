-- Which file each row stands in: its own, the next one (late by a week), or both (exported twice).
create macro order_key(order_no, order_id) as
    order_no * 4 + case right(order_id, 1) when 'b' then 1 when 'r' then 2 else 0 end;

create table event_files as
with events as (
    select 'join' as kind, event_no as key_no, t, t < 0 as is_old, false as is_again from join_rows
    union all
    select 'invite', invite_no, invited_t, false, false from invite_rows
    union all
    select distinct
        'order', order_key(order_no, order_id), t, t < 0,
            order_id in (select order_id from reexports)
    from order_rows
),
placed as (
    select e.*, f.file_no, f.weeks, f.to_day, (select max(file_no) from files) as last_file
    from events as e
    join files as f on f.from_day <= greatest(e.t, 0) // 86400 and f.to_day >= greatest(e.t, 0)
        // 86400
),
late as (
    select
        *,
        not is_old and not is_again and file_no < last_file and t // 86400 > to_day - 7
            and u('late ' || kind, key_no, 0) < 0.01 * weeks as is_late,
        not is_old and not is_again and u('twice ' || kind, key_no, 0) < 0.032 as is_twice,
    from placed
),
filed as (
    select
        kind, key_no, is_late,
        case when kind = 'order' and is_old then -1 else file_no + is_late::int end as file_no,
        last_file, is_twice, is_again,
    from late
)
select kind, key_no, file_no, is_late, false as is_repeat, false as is_reexport from filed
union all
select kind, key_no, file_no + 1, false, true,
    false from filed where is_twice and file_no < last_file
union all
select kind, key_no, file_no + 1, false, false, true from filed where is_again;
