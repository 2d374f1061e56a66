-- One row per red packet and person who took it, where that is exported.
-- grain: group_id, event_key, member_id
-- Ids are separated by blanks, commas or semicolons and told apart after aliases.
with

messages as (select * from staging.messages),

aliases as (select * from staging.aliases),

claims as (
    select
        group_id,
        event_key,
        member_id as sender_id,
        occurred_at,
        unnest(string_split(regexp_replace(trim(claimed_by), '[ ,;]+', ';', 'g'), ';'))
            as claimer_id
    from messages
    where kind = 'red_packet' and trim(claimed_by) <> ''
)

select
    claims.group_id, -- group
    claims.event_key, -- the packet
    coalesce(aliases.member_id, claims.claimer_id) as member_id, -- who took it
    max(claims.sender_id) as sender_id, -- who sent it
    max(claims.occurred_at) as sent_at -- when, naive UTC
from claims
left join aliases
    on claims.claimer_id = aliases.alias_id
    and claims.occurred_at >= aliases.valid_from
    and claims.occurred_at < aliases.valid_to
where claims.claimer_id <> ''
group by claims.group_id, claims.event_key, coalesce(aliases.member_id, claims.claimer_id)
