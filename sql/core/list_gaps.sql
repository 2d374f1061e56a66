-- One row per two member lists that follow each other, of groups whose exits nothing else tells.
-- grain: group_id, source, listed_at
-- Whoever joins and leaves between the two is never seen; an exit between them is an interval.
with

times as (select * from staging.list_times),

group_sources as (select * from staging.group_sources),

joins as (select * from staging.joins),

logs as (
    select source
    from joins
    where action in ('leave', 'kick') and left_after is null
    group by source
),

logged_groups as (
    select group_sources.group_id
    from group_sources
    join logs on group_sources.source = logs.source
    group by group_sources.group_id
)

select
    times.group_id, -- group
    times.source, -- where the lists come from
    times.previous_after as after_at, -- the first of the two lists, at the earliest, naive UTC
    times.taken_at as listed_at, -- the second of the two, at the latest, naive UTC
    date_diff('microsecond', times.previous_after, times.taken_at) / 3600000000.0
        as hours -- between them
from times
left join logged_groups on times.group_id = logged_groups.group_id
where times.previous_after is not null and logged_groups.group_id is null
