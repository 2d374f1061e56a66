-- Member lists with one id per person: who was in a group when the list was taken.
-- grain: group_id, source, member_id, taken_at
with

lists as (select * from raw.member_lists),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases)

select
    lists.group_id, -- group
    lists.source, -- where the list comes from
    coalesce(aliases.member_id, lists.member_id) as member_id, -- who is listed
    lists.taken_at, -- when the list was taken at the latest, naive UTC
    min(coalesce(lists.taken_after, lists.taken_at))
        as taken_after, -- when it was taken at the earliest, naive UTC
    min(lists.joined_at) as joined_at, -- when the person joined, as the list says
    max(lists.scene) as scene, -- how the member came in
    max(lists.channel) as channel, -- where the member came from
    max(coalesce(inviters.member_id, lists.inviter_id)) as inviter_id, -- who brought the member
    max(lists.role) as role, -- role as listed
    not bool_and(coalesce(lists.has_left, lists.left_at <= lists.taken_at, false))
        as is_present, -- whether the person was in the group then
    max(lists.left_at) as left_at -- when the person left, where the list keeps those who did
from lists
cross join limits
left join aliases
    on lists.member_id = aliases.alias_id
    and lists.taken_at >= aliases.valid_from
    and lists.taken_at < aliases.valid_to
left join aliases as inviters
    on lists.inviter_id = inviters.alias_id
    and lists.taken_at >= inviters.valid_from
    and lists.taken_at < inviters.valid_to
where lists.taken_at < limits.end_at
group by
    lists.group_id, lists.source, coalesce(aliases.member_id, lists.member_id), lists.taken_at
