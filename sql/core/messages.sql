-- One row per message: the message, its author's role and what it answers. A view: messages are
-- stored once.
-- materialized: view
-- Meaningful = text, image, video, voice, link, file, note, poll or order_chain by a counted
-- member, not taken back, not emoji only. core.authored_messages is the same without what a message
-- answers, and cheaper to read.
with

messages as (select * from core.authored_messages),

threads as (select * from core.threads),

parents as (select * from core.answered_messages)

select
    messages.group_id, -- group
    messages.member_id, -- author
    messages.occurred_at, -- when, naive UTC
    messages.day, -- business day
    messages.message_id, -- the export's own id
    messages.kind, -- what was posted
    messages.role, -- role of the author
    messages.is_counted, -- whether the author counts as a member
    messages.is_staff, -- whether the author is staff
    messages.is_meaningful, -- whether it counts as activity
    messages.text_length, -- characters
    messages.is_question, -- whether it asks something
    messages.is_emoji_only, -- whether it is emoji only
    messages.revoked_at, -- when it was taken back
    messages.reply_to_message_id, -- message it replies to
    coalesce(
        parents.member_id,
        case when threads.parent_key <> messages.event_key then threads.parent_member_id end
    ) as reply_to_member_id, -- whom it answers
    messages.thread_id, -- thread
    coalesce(threads.parent_key = messages.event_key, false)
        as is_thread_parent, -- whether it began its thread
    messages.lever, -- what a post of staff or a KOL tries to stir members with
    messages.mentions, -- members mentioned
    messages.campaign_id, -- campaign
    messages.product_id, -- product
    messages.topic, -- what it is for
    messages.tag, -- what it offers
    messages.subject, -- subject
    messages.amount, -- amount of a red packet
    messages.claimed_by, -- who took it
    messages.source, -- where the export comes from
    messages.event_key, -- what tells the row apart
    messages.row_number -- row of the file
from messages
left join threads on messages.group_id = threads.group_id and messages.thread_id = threads.thread_id
left join parents
    on messages.group_id = parents.group_id
    and messages.reply_to_message_id = parents.message_id
