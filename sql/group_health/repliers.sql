-- One row per member and other member who replied to them in the 90 days before R.
-- grain: member_id, replier_id
-- A meaningful message that answers another by the message it replies to or, in a thread, the first
-- message of the thread. Both counted, neither a refuser of archiving. R: end of the last whole
-- week of joins, messages, orders and invites.
with

messages as (select * from core.messages),

originals as (select * from core.answered_messages),

threads as (select * from core.threads),

roles as (select * from core.roles),

settings as (select * from core.settings),

instants as (
    select least(report_join_at, report_message_at, report_order_at, report_invite_at) as report_at
    from settings
),

answers as (
    select
        messages.group_id,
        messages.member_id,
        messages.occurred_at,
        messages.reply_to_message_id,
        messages.thread_id,
        messages.reply_to_member_id
    from messages
    cross join instants
    where messages.is_meaningful
        -- Said of the messages themselves, so that no others are looked up.
        and (messages.reply_to_message_id is not null or messages.thread_id is not null)
        and messages.reply_to_member_id is not null
        and messages.reply_to_member_id <> messages.member_id
        and messages.occurred_at < instants.report_at
        and messages.occurred_at >= instants.report_at - interval 2160 hour
),

timed as (
    select
        answers.member_id as replier_id,
        answers.reply_to_member_id as member_id,
        answers.occurred_at,
        coalesce(originals.occurred_at, threads.started_at) as asked_at
    from answers
    left join originals
        on answers.group_id = originals.group_id
        and answers.reply_to_message_id = originals.message_id
    left join threads
        on answers.group_id = threads.group_id and answers.thread_id = threads.thread_id
)

select
    timed.member_id, -- member who was answered
    timed.replier_id, -- member who answered
    count(*) as replies, -- answers
    count(case when timed.occurred_at < timed.asked_at + interval 24 hour then 1 end)
        as replies_24h -- of them, within 24 h of what they answer
from timed
join roles on timed.member_id = roles.member_id
where roles.is_counted and not roles.is_refuser
group by timed.member_id, timed.replier_id
