-- One row per person of the members exports, with one id per person.
-- grain: member_id
-- Each column by the latest export that fills it; a person's own id comes before an alias.
with

members as (select * from raw.members),

loads as (select * from raw.loads),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases),

ranked as (
    select
        members.* replace (
            case when coalesce(members.tier_since < limits.end_at, true)
                then members.tier end as tier,
            case when members.tier_since < limits.end_at then members.tier_since end
                as tier_since,
            case when members.opted_out_at < limits.end_at then members.opted_out_at end
                as opted_out_at
        ),
        coalesce(aliases.member_id, members.member_id) as person_id,
        row_number() over (
            partition by coalesce(aliases.member_id, members.member_id)
            order by aliases.member_id is not null, loads.exported_at desc nulls last,
                members.source, members.event_key
        ) as place
    from members
    join loads on members.load_id = loads.load_id
    cross join limits
    left join aliases on members.member_id = aliases.alias_id
)

select
    person_id as member_id, -- person
    arg_min(role, place) as role, -- role
    arg_min(tier, place) as tier, -- tier
    arg_min(tier_since, place) as tier_since, -- since when
    arg_min(region, place) as region, -- region
    arg_min(opted_out_at, place) as opted_out_at, -- when pushes were refused
    arg_min(archive_consent, place) as archive_consent -- whether archiving was agreed to
from ranked
group by person_id
