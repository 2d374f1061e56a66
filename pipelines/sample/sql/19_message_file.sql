-- The rows of one messages file: its own but for the late ones, the previous file's late ones and repeats.
create table if not exists carried as
select *, false as is_late from rows_of_file where false;
create table if not exists message_faults (late bigint, repeats bigint, written bigint);

create or replace temp table marked as
select
    *,
    not getvariable('is_last_file') and t // 86400 > getvariable('to_day')::bigint - 7
        and u('late message', message_no, 0) < 0.01 * getvariable('weeks_of_file') as is_late,
from rows_of_file;
create or replace temp table file_rows as
select * from marked where not is_late
union all
select * from carried;
insert into message_faults
select
    count(*) filter (where is_late and is_carried),
    count(*) filter (where not is_late and is_carried),
    count(*),
from (
    select is_late, true as is_carried from carried
    union all
    select is_late, false from marked where not is_late
);
create or replace table carried as
select * from marked
where not getvariable('is_last_file') and (is_late or u('twice message', message_no, 0) < 0.032);
