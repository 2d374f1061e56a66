-- One row per member and other member who replied to them in the 90 days before R.
-- grain: member_id, replier_id
-- A meaningful message that answers another by the message it replies to or, in a thread, the first
-- message of the thread. Both counted, neither a refuser of archiving. R: end of the last whole
-- week of joins, messages, orders and invites.
with

messages as (select * from core.authored_messages),

originals as (select * from core.answered_messages),

threads as (select * from core.threads),

roles as (select * from core.roles),

settings as (select * from core.settings),

instants as (
    select least(report_join_at, report_message_at, report_order_at, report_invite_at) as report_at
    from settings
),

pointing as (
    select
        messages.group_id,
        messages.member_id,
        messages.occurred_at,
        messages.event_key,
        messages.reply_to_message_id,
        messages.thread_id
    from messages
    cross join instants
    where messages.is_meaningful
        and (messages.reply_to_message_id is not null or messages.thread_id is not null)
        and messages.occurred_at < instants.report_at
        and messages.occurred_at >= instants.report_at - interval 2160 hour
),

-- Whom they answer, as core.messages tells it, and when that was asked.
timed as (
    select
        pointing.member_id as replier_id,
        coalesce(
            originals.member_id,
            case when threads.parent_key <> pointing.event_key then threads.parent_member_id end
        ) as member_id,
        pointing.occurred_at,
        coalesce(originals.occurred_at, threads.started_at) as asked_at
    from pointing
    left join originals
        on pointing.group_id = originals.group_id
        and pointing.reply_to_message_id = originals.message_id
    left join threads
        on pointing.group_id = threads.group_id and pointing.thread_id = threads.thread_id
)

select
    timed.member_id, -- member who was answered
    timed.replier_id, -- member who answered
    count(*) as replies, -- answers
    count(case when timed.occurred_at < timed.asked_at + interval 24 hour then 1 end)
        as replies_24h -- of them, within 24 h of what they answer
from timed
join roles on timed.member_id = roles.member_id
where roles.is_counted and not roles.is_refuser and timed.member_id <> timed.replier_id
group by timed.member_id, timed.replier_id
