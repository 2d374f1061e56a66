-- One row per measure of who talks, answers and is answered.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M20 = sender_hhi
-- concept: M23 = messages_per_member, messages_per_poster
-- concept: M36 = alts
-- concept: M37 = median_response_minutes_day, median_response_minutes_night, unanswered_rate
-- HHI = sum of squared shares of senders in the messages of members and staff.
with

talks as (select * from group_health.talks),

groups as (select * from group_health.groups),

responses as (select * from group_health.responses),

message_days as (select * from core.message_days),

roles as (select * from core.roles),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

window_days as (
    select calendar.day, calendar.day_number
    from calendar
    cross join settings
    where calendar.day_end_at <= settings.report_message_at
        and calendar.day_start_at >= settings.report_message_at - interval 684 hour
),

senders as (
    select message_days.group_id, message_days.member_id, sum(message_days.messages) as messages
    from message_days
    join window_days on message_days.day = window_days.day
    join talks on message_days.group_id = talks.group_id
    join roles on message_days.member_id = roles.member_id
    where talks.is_covered and (roles.is_counted or roles.is_staff)
    group by message_days.group_id, message_days.member_id
),

community_senders as (
    select member_id, sum(messages) as messages
    from senders
    group by member_id
),

concentrations as (
    select 'group' as subject_kind, group_id as subject,
        sum(cast(messages as double) * cast(messages as double)) as squares,
        sum(messages) as messages
    from senders
    group by group_id
    union all
    select 'community', 'all', sum(cast(messages as double) * cast(messages as double)),
        sum(messages)
    from community_senders
),

posters as (
    select
        sum(case when messages_7d is not null then messages_7d end) as messages,
        sum(case when messages_7d is not null then archived_members end) as members,
        sum(posters_7d) as posters
    from groups
),

answers as (
    select
        count(*) as questions,
        count(case when not responses.is_answered_24h then 1 end) as unanswered,
        count(case when responses.is_daytime then responses.minutes_to_answer end) as day_answers,
        count(case when not responses.is_daytime then responses.minutes_to_answer end)
            as night_answers,
        median(case when responses.is_daytime then responses.minutes_to_answer end) as day_minutes,
        median(case when not responses.is_daytime then responses.minutes_to_answer end)
            as night_minutes
    from responses
    join window_days on responses.day_number = window_days.day_number
    join talks on responses.group_id = talks.group_id
    where talks.is_covered and responses.is_over
),

people as (select count(*) as alts from roles where role = 'alt'),

measures as (
    select 'M20' as concept_id, 'sender_hhi' as measure, subject_kind, subject, '28d' as period,
        squares / nullif(cast(messages as double) * cast(messages as double), 0) as value,
        squares as numerator,
        cast(messages as double) * cast(messages as double) as denominator,
        'no_messages' as empty_reason
    from concentrations
    union all
    select 'M23', 'messages_per_member', 'community', 'all', '7d',
        cast(messages as double) / nullif(members, 0), cast(messages as double),
        cast(members as double), 'no_members'
    from posters
    union all
    select 'M23', 'messages_per_poster', 'community', 'all', '7d',
        cast(messages as double) / nullif(posters, 0), cast(messages as double),
        cast(posters as double), 'no_messages'
    from posters
    union all
    select 'M36', 'alts', 'community', 'all', 'all', cast(alts as double), cast(alts as double),
        null, null
    from people
    union all
    select 'M37', 'median_response_minutes_day', 'community', 'all', '28d', day_minutes, null,
        cast(day_answers as double), 'no_questions'
    from answers
    union all
    select 'M37', 'median_response_minutes_night', 'community', 'all', '28d', night_minutes, null,
        cast(night_answers as double), 'no_questions'
    from answers
    union all
    select 'M37', 'unanswered_rate', 'community', 'all', '28d',
        cast(unanswered as double) / nullif(questions, 0), cast(unanswered as double),
        cast(questions as double), 'no_questions'
    from answers
)

select
    measures.concept_id, -- concept
    measures.measure, -- what is measured
    measures.subject_kind, -- community or group
    measures.subject, -- all, or the group
    measures.period, -- days before R
    measures.value, -- a ratio, a median of minutes, or a number of people
    case when measures.value is not null then measures.numerator end
        as numerator, -- what is counted; NULL for a median
    case when measures.value is not null then measures.denominator end
        as denominator, -- of what; for a median, how many it is of
    case
        when measures.value is not null then null
        when settings.report_message_at is null then 'no_message_export'
        else measures.empty_reason
    end as reason -- why there is no value
from measures
cross join settings
