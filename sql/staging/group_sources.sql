-- One row per group and source that names it.
-- grain: group_id, source
with

limits as (select * from staging.limits),

seen as (
    select distinct group_id, source from raw.joins cross join limits where day <= last_day
    union
    select distinct group_id, source from raw.messages cross join limits where day <= last_day
    union
    select distinct group_id, source from raw.orders cross join limits
    where day <= last_day and group_id is not null
    union
    select distinct group_id, source from raw.invites cross join limits where day <= last_day
    union
    select distinct group_id, source from raw.groups cross join limits
    where coalesce(created_at < end_at, true)
    union
    select distinct group_id, source from raw.member_lists cross join limits where taken_at < end_at
    union
    select distinct group_id, source from raw.coverage cross join limits
    where group_id is not null and coalesce(covered_from <= last_day, true)
)

select
    group_id, -- group
    source -- source that names it
from seen
