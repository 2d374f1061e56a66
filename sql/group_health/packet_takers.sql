-- One row per counted member who took a red packet of somebody else.
-- grain: member_id
-- M83. Before the end of the last whole week of joins, messages and orders. Empty where no export
-- says who took packets.
with

messages as (select * from staging.messages),

aliases as (select * from staging.aliases),

roles as (select * from core.roles),

settings as (select * from core.settings),

claims as (
    select
        group_id,
        event_key,
        member_id as sender_id,
        occurred_at,
        unnest(string_split(replace(replace(claimed_by, ',', ';'), ' ', ';'), ';')) as claimer_id
    from messages
    where kind = 'red_packet' and claimed_by is not null
),

people as (
    select
        claims.group_id,
        claims.event_key,
        claims.sender_id,
        coalesce(aliases.member_id, claims.claimer_id) as member_id
    from claims
    cross join settings
    left join aliases
        on claims.claimer_id = aliases.alias_id
        and claims.occurred_at >= aliases.valid_from
        and claims.occurred_at < aliases.valid_to
    where claims.occurred_at < least(settings.report_join_at, settings.report_message_at,
        settings.report_order_at)
)

select
    people.member_id, -- member
    count(distinct people.group_id || ' ' || people.event_key)
        as packets_taken -- red packets of others they took
from people
join roles on people.member_id = roles.member_id and roles.is_counted
where people.member_id <> people.sender_id
group by people.member_id
