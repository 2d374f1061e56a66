-- One row per group that any export names; what the groups exports say of it where there are some.
-- grain: group_id
-- grows: rows
-- Each column by the latest export that fills it: one may know the name, another the dissolution.
with

seen as (select distinct group_id from staging.group_sources),

limits as (select * from staging.limits),

ranked as (
    select
        groups.*,
        row_number() over (
            partition by groups.group_id
            order by loads.exported_at desc nulls last, groups.source, groups.event_key
        ) as place
    from raw.groups as groups
    join raw.loads as loads on groups.load_id = loads.load_id
),

told as (
    select
        group_id,
        arg_min(group_name, place) as group_name,
        arg_min(group_type, place) as group_type,
        arg_min(capacity, place) as capacity,
        arg_min(created_at, place) as created_at,
        arg_min(closed_at, place) as closed_at,
        arg_min(parent_group_id, place) as parent_group_id,
        arg_min(successor_group_id, place) as successor_group_id,
        arg_min(region, place) as region,
        arg_min(owner_id, place) as owner_id,
        arg_min(leader_id, place) as leader_id,
        arg_min(topic, place) as topic
    from ranked
    group by group_id
)

select
    seen.group_id, -- group
    coalesce(told.group_name, seen.group_id) as group_name, -- name of the group
    coalesce(told.group_type, 'other') as group_type, -- what the group is for
    told.capacity, -- most members it can have
    told.created_at, -- when it was made
    case when told.closed_at < limits.end_at then told.closed_at end
        as closed_at, -- when it was dissolved
    told.parent_group_id, -- group it was split from
    told.successor_group_id, -- group its members were moved to
    told.region, -- region
    told.owner_id, -- member of staff who owns the group
    told.leader_id, -- group leader
    told.topic -- subject
from seen
cross join limits
left join told on seen.group_id = told.group_id
