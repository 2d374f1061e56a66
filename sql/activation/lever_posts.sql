-- One row per lever post that is measured: how many posted in its two hours, and were expected to.
-- grain: group_id, hour_at
-- The first lever post of staff or a KOL in a group and hour; of hours in a row the 1st, 3rd, 5th,
-- so that no two windows overlap. Both hours known, at least 14 known days before. The author's own
-- posts are not in actual.
with

group_hours as (select * from core.group_hours),

posts as (select * from activation.posts),

hours as (select * from activation.lever_hours),

clock as (select * from activation.clock_hours),

days as (select * from activation.lever_days),

profiles as (select * from activation.lever_profiles),

levels as (select * from activation.lever_levels),

starts as (
    select
        group_id,
        hour_at,
        lever_key,
        hour_at - row_number() over (partition by group_id order by hour_at) * interval 1 hour
            as run_at
    from group_hours
    where lever is not null
),

placed as (
    select
        starts.*,
        row_number() over (partition by group_id, run_at order by hour_at) as place
    from starts
),

kept as (
    select
        posts.*,
        days.group_type,
        levels.level
    from placed
    join posts on placed.group_id = posts.group_id and placed.lever_key = posts.event_key
    join clock on placed.hour_at = clock.hour_at
    join days on placed.group_id = days.group_id and clock.day_number = days.day_number
    join levels on placed.group_id = levels.group_id and clock.day_number = levels.day_number
    where placed.place % 2 = 1 and levels.days_before >= 14 and levels.level is not null
),

steps as (select unnest([0, 1]) as step),

windows as (
    select
        kept.group_id,
        kept.hour_at,
        kept.member_id,
        kept.group_type,
        kept.level,
        kept.hour_at + steps.step * interval 1 hour as window_hour_at
    from kept
    cross join steps
),

own_hours as (
    select group_id, member_id, hour_at, count(*) as messages
    from posts
    where is_meaningful
    group by group_id, member_id, hour_at
),

measured as (
    select
        windows.group_id,
        windows.hour_at,
        sum(coalesce(hours.posters, 0)) as posters,
        sum(case when own_hours.group_id is not null then 1 else 0 end) as own_posters,
        -- Rounded by the same steps on every engine, and exact to add up in any order.
        sum(cast(
            floor(windows.level * cast(profiles.usual_posters as double) * 1e12 + 0.5) / 1e12
            as decimal(30, 12)
        )) as expected
    from windows
    join clock on windows.window_hour_at = clock.hour_at
    join days on windows.group_id = days.group_id and clock.day_number = days.day_number
    join profiles
        on windows.group_type = profiles.group_type and clock.hour_of_week = profiles.hour_of_week
    left join hours
        on windows.group_id = hours.group_id and windows.window_hour_at = hours.hour_at
    left join own_hours
        on windows.group_id = own_hours.group_id
        and windows.window_hour_at = own_hours.hour_at
        and windows.member_id = own_hours.member_id
    group by windows.group_id, windows.hour_at
    having count(profiles.usual_posters) = 2
)

select
    kept.group_id, -- group
    kept.hour_at, -- hour of the post, naive UTC
    kept.event_key, -- the post
    kept.day, -- its business day
    clock.hour_of_day, -- its hour, 0 to 23, business time
    kept.group_type, -- type of the group
    kept.lever, -- lever it carries
    kept.author_role, -- staff or kol
    kept.member_id, -- author
    kept.tag, -- what it offers
    kept.product_id, -- product
    kept.amount, -- amount of a red packet
    cast(measured.posters - measured.own_posters as bigint)
        as actual, -- members other than the author who posted in its hour and in the next, added up
    measured.expected -- how many were expected; a decimal, so that sums do not depend on order
from kept
join measured on kept.group_id = measured.group_id and kept.hour_at = measured.hour_at
join clock on kept.hour_at = clock.hour_at
