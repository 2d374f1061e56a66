-- One row per question of a member: when somebody answered.
-- grain: question_key
-- partition: date '1970-01-01' + cast(day_number as integer)
-- reach: 0d..+2d
-- M37. Within 24 h: the first reply or later post of its thread, else the next post of another
-- person. Bots and alts answer nobody. Rates are of the questions whose 24 h are over and were
-- exported.
with

messages as (select * from core.authored_messages),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

settings as (select * from core.settings),

-- The one sort of all messages, so only what it needs: who comes next, and when.
neighbours as (
    select
        group_id,
        occurred_at,
        event_key,
        day,
        is_counted and coalesce(is_question, false) as is_asked,
        lead(occurred_at) over in_order as next_at,
        coalesce(lead(member_id) over in_order = member_id, false) as is_followed_by_self,
        coalesce(lag(member_id) over in_order = member_id, false) as is_after_self
    from messages
    where revoked_at is null and kind <> 'system' and (is_counted or is_staff)
    window in_order as (partition by group_id order by occurred_at, event_key)
),

-- Where somebody wrote on, the next person came after the last message of theirs: times of those
-- only rise, so the least of those still to come is the nearest.
runs as (
    select
        group_id,
        occurred_at,
        event_key,
        day,
        is_asked and is_followed_by_self as is_open,
        min(case when not is_followed_by_self then next_at end) over (
            partition by group_id order by occurred_at desc, event_key desc
            rows between unbounded preceding and current row
        ) as next_at
    from neighbours
    where (is_asked and is_followed_by_self) or (is_after_self and not is_followed_by_self)
),

questions as (
    select group_id, event_key, occurred_at, day, next_at
    from neighbours
    where is_asked and not is_followed_by_self
    union all
    select group_id, event_key, occurred_at, day, next_at
    from runs
    where is_open
),

-- What can be answered by name: questions with an id or a thread, and posts that point to one.
asked as (
    select group_id, event_key, member_id, occurred_at, message_id, thread_id
    from messages
    where is_counted
        and is_question
        and revoked_at is null
        and kind <> 'system'
        and (message_id is not null or thread_id is not null)
),

pointing as (
    select group_id, member_id, occurred_at, reply_to_message_id, thread_id
    from messages
    where (reply_to_message_id is not null or thread_id is not null)
        and revoked_at is null
        and kind <> 'system'
        and (is_counted or is_staff)
),

replies as (
    select asked.event_key, asked.group_id, min(pointing.occurred_at) as answered_at
    from asked
    join pointing
        on asked.group_id = pointing.group_id
        and asked.message_id = pointing.reply_to_message_id
    where asked.member_id <> pointing.member_id
        and pointing.occurred_at >= asked.occurred_at
        and pointing.occurred_at < asked.occurred_at + interval 24 hour
    group by asked.event_key, asked.group_id
),

thread_posts as (
    select asked.event_key, asked.group_id, min(pointing.occurred_at) as answered_at
    from asked
    join pointing
        on asked.group_id = pointing.group_id
        and asked.thread_id = pointing.thread_id
    where asked.member_id <> pointing.member_id
        and pointing.occurred_at > asked.occurred_at
        and pointing.occurred_at < asked.occurred_at + interval 24 hour
    group by asked.event_key, asked.group_id
),

known_days as (
    select coverage.group_id, calendar.day_number
    from coverage
    join calendar on coverage.day = calendar.day
    where coverage.event_kind = 'message' and coverage.is_covered
),

answers as (
    select
        questions.event_key,
        questions.group_id,
        questions.occurred_at,
        questions.day,
        coalesce(
            least(replies.answered_at, thread_posts.answered_at),
            case when questions.next_at < questions.occurred_at + interval 24 hour
                then questions.next_at end
        ) as answered_at
    from questions
    left join replies on questions.event_key = replies.event_key
        and questions.group_id = replies.group_id
    left join thread_posts
        on questions.event_key = thread_posts.event_key
        and questions.group_id = thread_posts.group_id
)

select
    answers.group_id || ' ' || answers.event_key as question_key, -- question
    answers.group_id, -- group
    calendar.day_number, -- business day of the question, as a number
    calendar.week_start, -- its week
    answers.occurred_at as asked_at, -- when, naive UTC
    date_diff('microsecond', answers.occurred_at, answers.answered_at) / 60000000.0
        as minutes_to_answer, -- minutes to the first answer; NULL where nobody answered
    coalesce(answers.answered_at < answers.occurred_at + interval 24 hour, false)
        as is_answered_24h, -- whether somebody did within 24 h
    answers.occurred_at >= calendar.day_start_at + interval 9 hour
        and answers.occurred_at < calendar.day_start_at + interval 21 hour
            as is_daytime, -- asked from 9 to 21 h
    coalesce(answers.occurred_at + interval 24 hour <= settings.watermark_message_at, false)
        and own_days.group_id is not null
        and (next_days.group_id is not null or answers.occurred_at = calendar.day_start_at)
            as is_over -- whether its 24 h are over and were exported: it counts in rates
from answers
cross join settings
join calendar on answers.day = calendar.day
left join known_days as own_days
    on answers.group_id = own_days.group_id and calendar.day_number = own_days.day_number
left join known_days as next_days
    on answers.group_id = next_days.group_id and calendar.day_number + 1 = next_days.day_number
