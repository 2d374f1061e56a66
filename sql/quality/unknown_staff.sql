-- One row per member and group whose share of the messages says that they may be staff, to review.
-- grain: group_id, member_id
-- Counted members who wrote at least staff_min_posts messages and staff_post_share of all messages
-- of the group in the 28 days before R of messages. Who is staff belongs into a members export.
with

message_days as (select * from core.message_days),

calendar as (select * from core.calendar),

roles as (select * from core.roles),

settings as (select * from core.settings),

days as (
    select calendar.day
    from calendar
    cross join settings
    where calendar.day_end_at <= settings.report_message_at
        and calendar.day_start_at >= settings.report_message_at - interval 674 hour
),

posts as (
    select
        message_days.group_id,
        message_days.member_id,
        cast(sum(message_days.sent_messages) as bigint) as messages,
        count(*) as days
    from message_days
    join days on message_days.day = days.day
    group by message_days.group_id, message_days.member_id
),

totals as (
    select group_id, cast(sum(messages) as bigint) as messages, count(*) as authors
    from posts
    group by group_id
)

select
    posts.group_id, -- group
    posts.member_id, -- counted member who may be staff
    posts.messages, -- messages they sent in the group, 28 days
    totals.messages as group_messages, -- messages of all in the group, 28 days
    cast(posts.messages as double) / totals.messages as post_share, -- messages / group_messages
    posts.days, -- days on which they wrote
    totals.authors, -- people who wrote
    settings.report_message_at as report_at -- the instant it is as of, naive UTC
from posts
join totals on posts.group_id = totals.group_id
join roles on posts.member_id = roles.member_id and roles.is_counted
cross join settings
where posts.messages >= settings.staff_min_posts
    and totals.authors > 1
    and cast(posts.messages as double) / totals.messages >= settings.staff_post_share
