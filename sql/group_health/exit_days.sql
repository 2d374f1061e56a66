-- One row per group and business day whose joins and exits are known: who was in it, and left.
-- grain: group_id, day_number
-- Members in the group at the start of the day (joined at or before it and not left), and how many
-- of them left or were removed during it. Dissolved and moved are no exits.
with

stays as (select * from core.stays),

groups as (select * from core.groups),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

known as (
    select
        coverage.group_id,
        calendar.day_number,
        calendar.day_start_at
    from coverage
    join calendar on coverage.day = calendar.day
    join groups on coverage.group_id = groups.group_id
    cross join settings
    where coverage.event_kind = 'join'
        and coverage.is_covered
        and calendar.day_end_at <= settings.report_join_at
        and (groups.closed_at is null or groups.closed_at >= calendar.day_end_at)
),

line as (
    select
        group_id,
        joined_at as moment_at,
        0 as place,
        1 as step,
        cast(null as integer) as day_number
    from stays
    union all
    select group_id, left_at, 0, -1, null
    from stays
    where left_at is not null
    union all
    select group_id, day_start_at, 1, 0, day_number
    from known
),

sizes as (
    select
        line.*,
        sum(step) over (
            partition by group_id order by moment_at, place, step, day_number
            rows between unbounded preceding and current row
        ) as members
    from line
),

exits as (
    select stays.group_id, calendar.day_number, count(*) as exits
    from stays
    join calendar
        on stays.left_at >= calendar.day_start_at and stays.left_at < calendar.day_end_at
    where stays.exit_kind in ('leave', 'kick')
        and stays.joined_at <= calendar.day_start_at
        and stays.left_at > calendar.day_start_at
    group by stays.group_id, calendar.day_number
)

select
    sizes.group_id, -- group
    sizes.day_number, -- business day, as a number
    cast(sizes.members as bigint) as members, -- members at its start
    coalesce(exits.exits, 0) as exits -- of them, who left or were removed during it
from sizes
left join exits
    on sizes.group_id = exits.group_id and sizes.day_number = exits.day_number
where sizes.place = 1
