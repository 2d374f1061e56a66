-- One row per group that any export names.
-- grain: group_id
with

groups as (select * from staging.groups),

stays as (select * from core.stays),

settings as (select * from core.settings),

sizes as (
    select stays.group_id, count(distinct stays.member_id) as members_now
    from stays
    cross join settings
    where stays.joined_at < settings.report_at
        and (stays.left_at is null or stays.left_at >= settings.report_at)
    group by stays.group_id
)

select
    groups.group_id, -- group
    groups.group_name, -- name
    groups.group_type, -- selling, interest, vip, seed, leader, flash or other
    coalesce(groups.capacity, settings.default_capacity) as capacity, -- most members it can have
    groups.created_at, -- when it was made, naive UTC
    groups.closed_at, -- when it was dissolved, naive UTC
    groups.parent_group_id, -- group it was split from
    groups.successor_group_id, -- group its members were moved to
    groups.owner_id, -- member of staff who owns it
    groups.leader_id, -- group leader
    groups.region, -- region
    groups.topic, -- subject
    coalesce(sizes.members_now, 0) as members_now -- members at report_at
from groups
cross join settings
left join sizes on groups.group_id = sizes.group_id
