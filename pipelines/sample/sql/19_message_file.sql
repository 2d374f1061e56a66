-- The rows of one messages file: its own but for the late ones, the previous file's late ones
-- and repeats.
create table if not exists message_faults (late bigint, repeats bigint, written bigint);

create or replace temp table marked as
select
    *,
    not getvariable('is_last_file') and t // 86400 > getvariable('to_day')::bigint - 7
        and u('late message', message_no, 0) < 0.01 * getvariable('weeks_of_file') as is_late,
from rows_of_file;
drop view rows_of_file;
drop table messages;
drop table answers;
drop table expanded;
create table if not exists carried as
select * from marked where false;

create or replace temp view file_rows as
select * from marked where not is_late
union all
select * from carried;
insert into message_faults
select
    (select count(*) from carried where is_late),
    (select count(*) from carried where not is_late),
    (select count(*) from file_rows);
