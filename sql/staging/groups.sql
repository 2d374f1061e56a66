-- One row per group that any export names; the latest row of the groups export where there is one.
-- grain: group_id
with

seen as (select distinct group_id from staging.group_sources),

-- One row per group even where two sources describe it: the later export wins.
ranked as (
    select groups.*
    from raw.groups as groups
    join raw.loads as loads on groups.load_id = loads.load_id
    qualify row_number() over (
        partition by groups.group_id order by loads.exported_at desc nulls last, groups.source
    ) = 1
)

select
    seen.group_id, -- group
    coalesce(ranked.group_name, seen.group_id) as group_name, -- name of the group
    coalesce(ranked.group_type, 'other') as group_type, -- what the group is for
    ranked.capacity, -- most members it can have
    ranked.created_at, -- when it was made
    ranked.closed_at, -- when it was dissolved
    ranked.parent_group_id, -- group it was split from
    ranked.successor_group_id, -- group its members were moved to
    ranked.region, -- region
    ranked.owner_id, -- member of staff who owns it
    ranked.leader_id, -- group leader
    ranked.topic -- subject
from seen
left join ranked on seen.group_id = ranked.group_id
