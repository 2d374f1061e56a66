-- One row per month, state of the members in the month before and state in this one.
-- grain: month_start, from_state, to_state
-- partition: month_start
-- reach: -31d..+30d
-- concept: M46 = members, share
-- Both months over, every day covered by joins and activity. State, first that fits: left (in no
-- group at the month's end), new (first sign in any group), daily (active on >= 12 days), weekly
-- (in >= 3 weeks), monthly (active), dormant. none: not seen before. Rows sum to all members known.
with

member_days as (select * from core.member_days),

community_stays as (select * from core.community_stays),

people as (select * from retention.people),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

-- Only a month whose first day is in the calendar can be complete.
months as (
    select
        calendar.month_start,
        min(calendar.day_start_at) as start_at,
        max(calendar.day_end_at) as end_at,
        row_number() over (order by calendar.month_start) as number,
        min(calendar.day) = calendar.month_start
            and bool_and(calendar.is_join_covered and calendar.is_activity_covered)
            and coalesce(max(calendar.day_end_at) <= max(least(settings.watermark_join_at,
                settings.watermark_activity_at)), false) as is_complete
    from calendar
    cross join settings
    group by calendar.month_start
),

active_days as (
    select
        calendar.month_start,
        calendar.week_start,
        member_days.member_id,
        member_days.day
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.is_active
    group by calendar.month_start, calendar.week_start, member_days.member_id, member_days.day
),

habits as (
    select
        month_start,
        member_id,
        count(*) as days,
        count(distinct week_start) as weeks
    from active_days
    group by month_start, member_id
),

present as (
    select months.month_start, community_stays.member_id
    from months
    join community_stays
        on community_stays.joined_at < months.end_at
        and (community_stays.left_at is null or community_stays.left_at >= months.end_at)
    where months.is_complete
),

states as (
    select
        months.month_start,
        months.number,
        people.member_id,
        case
            when present.member_id is null then 'left'
            when people.first_sign_at >= months.start_at then 'new'
            when habits.days >= 12 then 'daily'
            when habits.weeks >= 3 then 'weekly'
            when habits.days > 0 then 'monthly'
            else 'dormant'
        end as state
    from months
    join people on people.first_sign_at < months.end_at
    left join present
        on months.month_start = present.month_start
        and people.member_id = present.member_id
    left join habits
        on months.month_start = habits.month_start
        and people.member_id = habits.member_id
    where months.is_complete
),

counts as (
    select
        later.month_start,
        coalesce(earlier.state, 'none') as from_state,
        later.state as to_state,
        count(*) as members
    from states as later
    join months on later.number = months.number + 1 and months.is_complete
    left join states as earlier
        on later.number = earlier.number + 1
        and later.member_id = earlier.member_id
    group by later.month_start, coalesce(earlier.state, 'none'), later.state
)

select
    month_start, -- first day of the later month
    from_state, -- state in the month before; none where not seen before
    to_state, -- state in the month: left, new, daily, weekly, monthly or dormant
    members, -- members who went from the one to the other
    cast(sum(members) over (partition by month_start, from_state) as bigint)
        as from_members, -- members in from_state
    cast(members as double) / sum(members) over (partition by month_start, from_state)
        as share -- members / from_members
from counts
