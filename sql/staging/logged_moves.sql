-- Joins, leaves and kicks that an export tells as events, with one id per person.
-- materialized: view
with

joins as (select * from raw.joins),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases)

select
    joins.group_id, -- group
    coalesce(aliases.member_id, joins.member_id) as member_id, -- who joined or left
    joins.occurred_at, -- when, naive UTC
    joins.day, -- business day
    joins.action, -- join, leave or kick
    joins.scene, -- how the member came in
    joins.channel, -- where the member came from
    joins.campaign_id, -- campaign of the join
    coalesce(inviters.member_id, joins.inviter_id) as inviter_id, -- who brought the member
    joins.role, -- role as exported here
    joins.region, -- region as exported here
    joins.source, -- where the export comes from
    joins.event_key -- what tells the row apart
from joins
cross join limits
left join aliases
    on joins.member_id = aliases.alias_id
    and joins.occurred_at >= aliases.valid_from
    and joins.occurred_at < aliases.valid_to
left join aliases as inviters
    on joins.inviter_id = inviters.alias_id
    and joins.occurred_at >= inviters.valid_from
    and joins.occurred_at < inviters.valid_to
where joins.day <= limits.last_day
