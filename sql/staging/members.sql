-- One row per person of the members export, with one id per person.
-- grain: member_id
with

members as (select * from raw.members),

loads as (select * from raw.loads),

aliases as (select * from staging.aliases)

select
    coalesce(aliases.member_id, members.member_id) as member_id, -- person
    members.role, -- role
    members.tier, -- tier
    members.tier_since, -- since when
    members.region, -- region
    members.opted_out_at, -- when pushes were refused
    members.archive_consent -- whether archiving was agreed to
from members
join loads on members.load_id = loads.load_id
left join aliases on members.member_id = aliases.alias_id
qualify row_number() over (
    partition by coalesce(aliases.member_id, members.member_id)
    order by aliases.member_id is not null, loads.exported_at desc nulls last, members.source,
        members.event_key
) = 1
