-- One row per group and week of the 8 before R of messages: was something worth reading posted?
-- grain: group_id, week_start
-- Groups open at R that were there all week; weeks whose 7 days of messages were exported.
with

talks as (select * from group_health.talks),

talk_days as (select * from group_health.talk_days),

groups as (select * from core.groups),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

settings as (select * from core.settings),

recent as (
    select weeks.week_start, weeks.week_start_at
    from weeks
    cross join settings
    where weeks.week_end_at <= settings.report_message_at
    qualify row_number() over (order by weeks.week_start desc) <= 8
),

known as (
    select talks.group_id, recent.week_start
    from talks
    join groups on talks.group_id = groups.group_id
    join recent on groups.created_at is null or groups.created_at <= recent.week_start_at
    join calendar on recent.week_start = calendar.week_start
    join coverage on talks.group_id = coverage.group_id and calendar.day = coverage.day
    where coverage.event_kind = 'message' and coverage.is_covered
    group by talks.group_id, recent.week_start
    having count(*) = 7
),

posted as (
    select
        talk_days.group_id,
        calendar.week_start,
        sum(talk_days.content_posts) as content_posts,
        sum(talk_days.checkin_posts) + sum(talk_days.campaign_messages) as rituals
    from talk_days
    join calendar on talk_days.day = calendar.day
    group by talk_days.group_id, calendar.week_start
)

select
    known.group_id, -- group
    known.week_start, -- first day of the week
    cast(coalesce(posted.content_posts, 0) as bigint)
        as content_posts, -- messages on the topic content by staff or KOLs
    coalesce(posted.rituals, 0) > 0
        as has_ritual -- whether there was a call to check in or a message of a campaign
from known
left join posted on known.group_id = posted.group_id and known.week_start = posted.week_start
