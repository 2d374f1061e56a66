-- One row per counted member who took a red packet of somebody else.
-- grain: member_id
-- M83. Before the end of the last whole week of joins, messages and orders. Empty where no export
-- says who took packets.
with

claims as (select * from core.packet_claims),

roles as (select * from core.roles),

settings as (select * from core.settings)

select
    claims.member_id, -- member
    count(*) as packets_taken -- red packets of others they took
from claims
cross join settings
join roles on claims.member_id = roles.member_id and roles.is_counted
where claims.member_id <> claims.sender_id
    and claims.sent_at < least(settings.report_join_at, settings.report_message_at,
        settings.report_order_at)
group by claims.member_id
