-- What the next messages file takes over: rows that come late and rows that come again.
create or replace table carried as
select * from marked
where not getvariable('is_last_file') and (is_late or u('twice message', message_no, 0) < 0.032);
drop view file_rows;
drop table marked;
