-- One row per message with the role of its author, and not what it answers: core.messages, which
-- has that too, reads all messages twice. A view: messages are stored once.
-- materialized: view
-- partition: day
-- Meaningful = text, image, video, voice, link, file, note, poll or order_chain by a counted
-- member, not taken back, not emoji only.
with

messages as (select * from staging.messages),

roles as (select * from core.roles)

select
    messages.group_id, -- group
    messages.member_id, -- author
    messages.occurred_at, -- when, naive UTC
    messages.day, -- business day
    messages.message_id, -- the export's own id
    messages.kind, -- what was posted
    roles.role, -- role of the author
    roles.is_counted, -- whether the author counts as a member
    roles.is_staff, -- whether the author is staff
    messages.kind in (
        'text', 'image', 'video', 'voice', 'link', 'file', 'note', 'poll', 'order_chain'
    )
        and messages.revoked_at is null
        and not coalesce(messages.is_emoji_only, false)
        and roles.is_counted
        and not roles.is_refuser as is_meaningful, -- whether it counts as activity
    messages.text_length, -- characters
    messages.is_question, -- whether it asks something
    messages.is_emoji_only, -- whether it is emoji only
    messages.revoked_at, -- when it was taken back
    messages.reply_to_message_id, -- message it replies to
    messages.thread_id, -- thread
    case
        when messages.kind in ('red_packet', 'checkin', 'mini_program') then messages.kind
        when messages.product_id is not null then 'product'
        when messages.kind in ('video', 'image', 'link') then messages.kind
        when messages.topic = 'notice' then 'notice'
    end as lever, -- what a post of staff or a KOL tries to stir members with
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
left join roles on messages.member_id = roles.member_id
