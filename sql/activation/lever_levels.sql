-- One row per group and known business day: how lively the group was in the weeks before it.
-- grain: group_id, day_number
-- level = posters of the group in free hours / what the profile of its type says for these hours,
-- over the lever_weeks x 7 days before the day. 1 is as lively as its type. Hours with a lever at
-- work are on neither side.
with

days as (select * from activation.lever_days),

clock as (select * from activation.clock_hours),

calendar as (select * from core.calendar),

hours as (select * from activation.lever_hours),

profiles as (select * from activation.lever_profiles),

settings as (select * from core.settings),

day_weights as (
    select profiles.group_type, clock.day_number, sum(profiles.usual_posters) as weight
    from clock
    join profiles on clock.hour_of_week = profiles.hour_of_week
    group by profiles.group_type, clock.day_number
),

seen as (
    select
        hours.group_id,
        hours.day_number,
        sum(case when not hours.is_levered then hours.posters else 0 end) as posters,
        sum(case when hours.is_levered then profiles.usual_posters end) as levered_weight
    from hours
    join profiles
        on hours.group_type = profiles.group_type and hours.hour_of_week = profiles.hour_of_week
    group by hours.group_id, hours.day_number
),

spans as (
    select group_id, min(day_number) as first_number, max(day_number) as last_number
    from days
    group by group_id
),

daily as (
    select
        spans.group_id,
        calendar.day_number,
        case when days.group_id is not null then 1 else 0 end as known_days,
        case when days.group_id is not null then coalesce(seen.posters, 0) else 0 end as posters,
        case when days.group_id is not null
            then coalesce(day_weights.weight, 0) - coalesce(seen.levered_weight, 0) else 0 end
            as weight
    from spans
    join calendar on calendar.day_number >= spans.first_number
        and calendar.day_number <= spans.last_number
    left join days
        on spans.group_id = days.group_id and calendar.day_number = days.day_number
    left join day_weights
        on days.group_type = day_weights.group_type and days.day_number = day_weights.day_number
    left join seen on days.group_id = seen.group_id and days.day_number = seen.day_number
),

-- Running totals up to the day before, so that any number of weeks costs the same.
totals as (
    select
        group_id,
        day_number,
        known_days,
        sum(known_days) over before_it as days_before,
        sum(posters) over before_it as posters_before,
        sum(weight) over before_it as weight_before
    from daily
    window before_it as (
        partition by group_id order by day_number rows between unbounded preceding and 1 preceding
    )
),

windows as (
    select
        totals.group_id,
        totals.day_number,
        totals.known_days,
        coalesce(totals.days_before, 0) - coalesce(earlier.days_before, 0) as days,
        coalesce(totals.posters_before, 0) - coalesce(earlier.posters_before, 0) as posters,
        coalesce(totals.weight_before, 0) - coalesce(earlier.weight_before, 0) as weight
    from totals
    cross join settings
    left join totals as earlier
        on totals.group_id = earlier.group_id
        and totals.day_number - settings.lever_weeks * 7 = earlier.day_number
)

select
    group_id, -- group
    day_number, -- business day, as a number
    cast(days as bigint) as days_before, -- known days of the weeks before it
    cast(posters as bigint) as posters_before, -- posters of their free hours, added up
    cast(weight as double) as weight_before, -- what the profile of the type says for these hours
    cast(posters as double) / nullif(cast(weight as double), 0)
        as level -- posters_before / weight_before; NULL where that is zero
from windows
where known_days = 1
