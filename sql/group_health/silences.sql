-- One row per group and week: when a member last wrote, and how much in the dead_days before its
-- end.
-- grain: group_id, week_start
with

instants as (select * from group_health.instants),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

member_days as (select * from core.member_days),

daily_posts as (
    select calendar.day_number, member_days.group_id, sum(member_days.messages) as messages
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.group_id is not null
    group by calendar.day_number, member_days.group_id
),

silence as (
    select
        instants.week_start,
        daily_posts.group_id,
        max(case when daily_posts.messages > 0 then daily_posts.day_number end) as last_number,
        sum(case when daily_posts.day_number >= instants.end_number - settings.dead_days
            then daily_posts.messages
            else 0 end) as messages_14d
    from instants
    cross join settings
    join daily_posts on daily_posts.day_number < instants.end_number
    group by instants.week_start, daily_posts.group_id
)

select
    group_id, -- group
    week_start, -- week at whose end the windows end
    last_number, -- day number of the last day with a message of a member
    cast(messages_14d as bigint) as messages_14d -- messages of members, dead_days
from silence
