-- One row per business day, group and author: the one pass over the messages that everything else
-- reads.
-- grain: day, group_id, member_id
-- partition: day
-- reach: 0d..0d
-- All authors, staff and bots too; roles are applied by the readers. What somebody who refused
-- archiving wrote counts nowhere; it only shows that they were there.
with

messages as (select * from staging.messages),

threads as (select * from core.threads),

roles as (select * from core.roles),

marked as (
    select
        messages.day,
        messages.group_id,
        messages.member_id,
        messages.occurred_at,
        messages.kind,
        messages.text_length,
        messages.revoked_at is null and messages.kind <> 'system' and not roles.is_refuser
            as is_shown,
        messages.kind in (
            'text', 'image', 'video', 'voice', 'link', 'file', 'note', 'poll', 'order_chain'
        )
            and messages.revoked_at is null
            and not roles.is_refuser
            and not coalesce(messages.is_emoji_only, false) as has_meaning,
        messages.reply_to_message_id is not null
            or coalesce(threads.parent_key <> messages.event_key, false) as is_reply
    from messages
    join roles on messages.member_id = roles.member_id
    left join threads
        on messages.group_id = threads.group_id
        and messages.thread_id = threads.thread_id
)

select
    day, -- business day
    group_id, -- group
    member_id, -- author
    count(case when kind <> 'system' then 1 end)
        as sent_messages, -- messages sent, taken back or not, without system lines
    count(case when is_shown then 1 end)
        as messages, -- messages that stand, without system lines
    count(case when has_meaning then 1 end)
        as meaningful_messages, -- those that count as activity
    cast(sum(case when has_meaning then coalesce(text_length, 0) else 0 end) as bigint)
        as characters, -- their characters
    count(case when has_meaning and is_reply then 1 end)
        as replies_sent, -- those that answer somebody
    count(case when is_shown and kind = 'checkin' then 1 end) as check_ins, -- check-ins
    count(case when is_shown and kind = 'mini_program' then 1 end)
        as mini_program_events, -- mini-program posts
    count(case when is_shown and kind = 'red_packet' then 1 end)
        as red_packets, -- red packets sent
    min(occurred_at) as first_at, -- first message of any kind, naive UTC
    min(case when has_meaning then occurred_at end)
        as first_meaningful_at, -- first that counts as activity
    min(case when has_meaning or (is_shown and kind in ('checkin', 'mini_program'))
        then occurred_at end)
        as first_active_at -- first message, check-in or mini-program event that counts
from marked
group by day, group_id, member_id
