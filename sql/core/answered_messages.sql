-- One row per message that another one replies to: who wrote it, and when.
-- grain: source, group_id, message_id
-- Found once for everything that asks whom a message answers; few messages are answered, so joining
-- these costs less than joining all messages with themselves.
with

messages as (select * from staging.messages),

replies as (
    select group_id, reply_to_message_id
    from messages
    where reply_to_message_id is not null
)

select
    messages.source, -- where the export comes from
    messages.group_id, -- group
    messages.message_id, -- the export's own id
    messages.member_id, -- author
    messages.occurred_at -- when, naive UTC
from messages
where (messages.group_id, messages.message_id) in (
    select group_id, reply_to_message_id from replies
)
