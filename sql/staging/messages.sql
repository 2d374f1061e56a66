-- Messages with one id per person; stored once, in raw.messages.
-- materialized: view
-- partition: day
with

messages as (select * from raw.messages),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases),

recalls as (select * from staging.recalls)

select
    messages.group_id, -- group
    coalesce(aliases.member_id, messages.member_id) as member_id, -- author
    messages.occurred_at, -- when, naive UTC
    messages.day, -- business day
    messages.message_id, -- the export's own id
    messages.kind, -- what was posted
    messages.role, -- role of the author as exported here
    messages.text_length, -- characters of the text
    messages.is_question, -- whether it asks something
    messages.is_emoji_only, -- whether it is emoji only
    messages.subject, -- subject
    messages.tag, -- what the content offers
    messages.reply_to_message_id, -- message replied to
    messages.thread_id, -- thread
    messages.mentions, -- members mentioned
    case when coalesce(messages.revoked_at, recalls.revoked_at) < limits.end_at
        then coalesce(messages.revoked_at, recalls.revoked_at) end
        as revoked_at, -- when it was taken back
    messages.campaign_id, -- campaign
    messages.product_id, -- product
    messages.topic, -- what the post is for
    messages.amount, -- amount of a red packet
    messages.claimed_by, -- who took the red packet
    messages.source, -- where the export comes from
    messages.event_key, -- what tells the row apart
    messages.row_number -- row of the file
from messages
cross join limits
left join aliases
    on messages.member_id = aliases.alias_id
    and messages.occurred_at >= aliases.valid_from
    and messages.occurred_at < aliases.valid_to
left join recalls
    on messages.source = recalls.source
    and messages.group_id = recalls.group_id
    and messages.message_id = recalls.message_id
where messages.day <= limits.last_day
