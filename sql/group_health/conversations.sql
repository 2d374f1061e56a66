-- One row per conversation of members in the 28 days before R of messages.
-- grain: group_id, started_at
-- concept: M95 = is_self_running
-- Meaningful messages of members in a group with less than 30 minutes between them; at least 3, by
-- at least 2. Self-running: no message of staff between its first message and the first answer, the
-- first message of a second member.
with

messages as (select * from group_health.recent_messages),

talks as (select * from group_health.talks),

shown as (
    select
        messages.group_id,
        messages.member_id,
        messages.occurred_at,
        messages.event_key,
        messages.is_staff
    from messages
    join talks on messages.group_id = talks.group_id
    where talks.is_covered
),

-- Messages of staff so far, so that those in between can be told by a subtraction.
counted as (
    select
        shown.*,
        count(case when is_staff then 1 end) over (
            partition by group_id order by occurred_at, event_key
            rows between unbounded preceding and current row
        ) as staff_so_far
    from shown
),

spoken as (
    select
        counted.*,
        case
            when occurred_at < lag(occurred_at) over (
                partition by group_id order by occurred_at, event_key
            ) + interval 30 minute then 0
            else 1
        end as is_start
    from counted
    where not is_staff
),

numbered as (
    select
        spoken.*,
        sum(is_start) over (
            partition by group_id order by occurred_at, event_key
            rows between unbounded preceding and current row
        ) as conversation
    from spoken
),

opened as (
    select
        numbered.*,
        row_number() over one_talk as place,
        first_value(member_id) over one_talk as first_member_id,
        first_value(staff_so_far) over one_talk as staff_at_start
    from numbered
    window one_talk as (
        partition by group_id, conversation order by occurred_at, event_key
        rows between unbounded preceding and current row
    )
)

select
    group_id, -- group
    min(occurred_at) as started_at, -- its first message, naive UTC
    count(*) as messages, -- meaningful messages of members
    count(distinct member_id) as members, -- who wrote them
    min(case when member_id <> first_member_id then occurred_at end)
        as answered_at, -- first message of a second member, naive UTC
    min(case when member_id <> first_member_id then staff_so_far end) = max(staff_at_start)
        as is_self_running -- whether staff were silent until then
from opened
group by group_id, conversation
having count(*) >= 3 and count(distinct member_id) >= 2
