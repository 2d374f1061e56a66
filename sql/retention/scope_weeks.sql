-- One row per week, scope (the community: group_id NULL, or a group) and member with activity in
-- it.
-- grain: group_id, week_start, member_id
-- partition: week_start
-- reach: 0d..+6d
with

member_days as (select * from core.member_days),

member_weeks as (select * from core.member_weeks),

calendar as (select * from staging.calendar),

group_weeks as (
    select
        member_days.group_id,
        calendar.week_start,
        member_days.member_id,
        bool_or(member_days.is_active) as is_active,
        bool_or(member_days.is_posting_active) as is_posting,
        bool_or(member_days.is_buying_active) as is_buying
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.group_id is not null
    group by member_days.group_id, calendar.week_start, member_days.member_id
),

weeks as (
    select group_id, week_start, member_id, is_active, is_posting, is_buying
    from group_weeks
    union all
    select
        cast(null as varchar) as group_id,
        week_start,
        member_id,
        active_days > 0 as is_active,
        posting_days > 0 as is_posting,
        buying_days > 0 as is_buying
    from member_weeks
)

select
    group_id, -- group; NULL for the community
    week_start, -- first day of the week
    member_id, -- member
    is_posting, -- posted something that counts
    is_buying -- paid an order
from weeks
where is_active
