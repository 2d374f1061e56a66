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

shown as (
    select *
    from messages
    where revoked_at is null and kind <> 'system' and (is_counted or is_staff)
),

changes as (
    select
        shown.*,
        case when lag(member_id)
            over (partition by group_id order by occurred_at, event_key) = member_id then 0
            else 1 end as is_change
    from shown
),

turns as (
    select
        changes.*,
        sum(is_change) over (
            partition by group_id order by occurred_at, event_key
            rows between unbounded preceding and current row
        ) as turn
    from changes
),

turn_starts as (
    select group_id, turn, min(occurred_at) as started_at
    from turns
    group by group_id, turn
),

questions as (
    select *
    from turns
    where is_counted and coalesce(is_question, false)
),

replies as (
    select questions.event_key, questions.group_id, min(shown.occurred_at) as answered_at
    from questions
    join shown
        on questions.group_id = shown.group_id
        and questions.message_id = shown.reply_to_message_id
        and questions.member_id <> shown.member_id
        and shown.occurred_at >= questions.occurred_at
        and shown.occurred_at < questions.occurred_at + interval 24 hour
    group by questions.event_key, questions.group_id
),

thread_posts as (
    select questions.event_key, questions.group_id, min(shown.occurred_at) as answered_at
    from questions
    join shown
        on questions.group_id = shown.group_id
        and questions.thread_id = shown.thread_id
        and questions.member_id <> shown.member_id
        and shown.occurred_at > questions.occurred_at
        and shown.occurred_at < questions.occurred_at + interval 24 hour
    group by questions.event_key, questions.group_id
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
            case when turn_starts.started_at < questions.occurred_at + interval 24 hour
                then turn_starts.started_at end
        ) as answered_at
    from questions
    left join replies on questions.event_key = replies.event_key
        and questions.group_id = replies.group_id
    left join thread_posts
        on questions.event_key = thread_posts.event_key
        and questions.group_id = thread_posts.group_id
    left join turn_starts on questions.group_id = turn_starts.group_id
        and questions.turn + 1 = turn_starts.turn
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
