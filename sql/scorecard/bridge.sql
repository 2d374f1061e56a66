-- One row per week and step from the platform's total of members to ours.
-- grain: week_start, step
-- At the end of the week: own_seats - minus_overlap - minus_staff = unique_members, and difference
-- = platform_total - own_seats. Seats are places in groups, of staff and bots too. minus_overlap:
-- the further seats of people in several groups, less members who are between two groups.
with

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

firsts as (select min(day) as first_day from core.source_coverage),

community as (select * from acquisition.weekly),

by_group as (select * from acquisition.weekly_by_group),

group_stays as (select * from core.group_stays),

roles as (select * from core.roles),

platform_stats as (select * from staging.platform_stats),

grid as (
    select weeks.week_start, weeks.week_end_at, weeks.last_day, settings.watermark_join_at,
        calendar.is_join_covered
    from weeks
    join calendar on weeks.last_day = calendar.day
    cross join settings
    cross join firsts
    where weeks.week_end_at <= settings.report_at and weeks.last_day >= firsts.first_day
),

member_seats as (
    select week_start, cast(sum(members_at_end) as bigint) as seats
    from by_group
    group by week_start
),

staff_stays as (
    select group_stays.*
    from group_stays
    join roles on group_stays.member_id = roles.member_id
    where not roles.is_counted
),

staff_seats as (
    select grid.week_start, count(*) as seats, count(distinct staff_stays.member_id) as people
    from grid
    join staff_stays
        on staff_stays.joined_at < grid.week_end_at
        and (staff_stays.left_at is null or staff_stays.left_at >= grid.week_end_at)
    group by grid.week_start
),

-- The platform's seats of the whole project, or the sum of its groups where it tells only those.
platform_days as (
    select
        day,
        max(case when group_id is null and metric = 'seats' then value end) as project_total,
        sum(case when group_id is not null and metric = 'members' then value end) as groups_total
    from platform_stats
    where metric in ('seats', 'members')
    group by day
),

sides as (
    select
        grid.week_start,
        grid.watermark_join_at,
        cast(coalesce(platform_days.project_total, platform_days.groups_total) as double)
            as platform_total,
        cast(case when grid.is_join_covered
            then member_seats.seats + coalesce(staff_seats.seats, 0) end as double) as own_seats,
        cast(case when grid.is_join_covered
            then coalesce(staff_seats.people, 0) end as double) as staff,
        cast(case when grid.is_join_covered
            then community.members_at_end end as double) as unique_members
    from grid
    left join community on grid.week_start = community.week_start
    left join member_seats on grid.week_start = member_seats.week_start
    left join staff_seats on grid.week_start = staff_seats.week_start
    left join platform_days on grid.last_day = platform_days.day
),

steps as (
    select week_start, watermark_join_at, 1 as position, 'platform_total' as step,
        platform_total as value, platform_total is null as lacks_platform from sides
    union all
    select week_start, watermark_join_at, 2, 'difference', platform_total - own_seats,
        platform_total is null from sides
    union all
    select week_start, watermark_join_at, 3, 'own_seats', own_seats, false from sides
    union all
    select week_start, watermark_join_at, 4, 'minus_overlap', own_seats - staff - unique_members,
        false from sides
    union all
    select week_start, watermark_join_at, 5, 'minus_staff', staff, false from sides
    union all
    select week_start, watermark_join_at, 6, 'unique_members', unique_members, false from sides
)

select
    week_start, -- week at whose end members are counted
    step, -- platform_total, difference, own_seats, minus_overlap, minus_staff or unique_members
    position, -- place of the step in the bridge
    value, -- people or seats; what is taken off is positive
    case
        when value is not null then null
        when lacks_platform then 'no_platform_total'
        when watermark_join_at is null then 'no_join_export'
        else 'not_covered'
    end as reason -- why it has no value
from steps
