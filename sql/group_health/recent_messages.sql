-- One row per message of a member or staff in the 28 days before R of messages: read once, narrow.
-- grain: group_id, event_key
-- Meaningful messages of members and everything of staff; not taken back, no system lines.
with

messages as (select * from core.messages),

settings as (select * from core.settings)

select
    messages.group_id, -- group
    messages.event_key, -- what tells the row apart
    messages.member_id, -- author
    messages.occurred_at, -- when, naive UTC
    date_trunc('hour', messages.occurred_at) as hour_at, -- its hour, naive UTC
    messages.is_staff, -- whether the author is staff
    messages.is_meaningful, -- whether it counts as activity
    messages.reply_to_member_id, -- whom it answers
    messages.reply_to_message_id is not null or messages.reply_to_member_id is not null
        as is_reply -- whether it answers a message
from messages
cross join settings
where messages.occurred_at >= settings.report_message_at - interval 672 hour
    and messages.occurred_at < settings.report_message_at
    and messages.revoked_at is null
    and messages.kind <> 'system'
    and (messages.is_meaningful or messages.is_staff)
