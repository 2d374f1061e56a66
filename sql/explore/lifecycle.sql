-- Members by what they did in a period: one row per day, week or month from the first with
-- activity. new: active for the first time ever. returning: active in this and the previous
-- period. resurrecting: active now, not in the previous one, seen before. dormant: active in the
-- previous period and not in this one, negative; NULL until the period is over. from_day, to_day
-- choose the periods shown; what came before is looked at all the same. active: see
-- active_periods.
create or replace macro explore.lifecycle(
    period, active := null, from_day := null, to_day := null, as_of := null,
    time_zone := null, week_starts := null, events := 'core.events'
) as table
with

calendar as (
    select *
    from explore.clock(names := coalesce(cast(active as varchar[]),
        case when events = 'core.events'
            then ['message', 'checkin', 'mini_program', 'order', 'preorder'] end),
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, events := events)
),

seen as (
    select
        member_id,
        explore.period_number(period_start, period) as number,
        lag(explore.period_number(period_start, period)) over member_periods as number_before,
        lead(explore.period_number(period_start, period)) over member_periods as number_after,
        period_start
    from explore.active_periods(period, active := active, as_of := as_of,
        time_zone := time_zone, week_starts := week_starts, events := events)
    window member_periods as (partition by member_id order by period_start)
),

changes as (
    select
        period_start,
        case when number_before is null then 1 else 0 end as is_new,
        case when number_before = number - 1 then 1 else 0 end as is_returning,
        case when number_before < number - 1 then 1 else 0 end as is_resurrecting,
        0 as is_dormant
    from seen
    union all
    select explore.period_after(period_start, period, 1), 0, 0, 0, 1
    from seen
    where number_after is distinct from number + 1
),

spans as (
    select
        min(seen.period_start) as first_start,
        greatest(max(seen.period_start), max(explore.period_start(
            explore.local_day(calendar.end_at - interval 1 microsecond, calendar.zone),
            period, calendar.week_starts))) as last_start
    from seen
    cross join calendar
),

all_periods as (
    select explore.period_after(first_start, period, number) as period_start
    from spans
    cross join lateral (select unnest(range(explore.period_number(last_start, period)
        - explore.period_number(first_start, period) + 1)) as number)
),

counted as (
    select
        all_periods.period_start,
        cast(coalesce(sum(changes.is_new), 0) as bigint) as new_members,
        cast(coalesce(sum(changes.is_returning), 0) as bigint) as returning_members,
        cast(coalesce(sum(changes.is_resurrecting), 0) as bigint) as resurrecting_members,
        cast(coalesce(sum(changes.is_dormant), 0) as bigint) as dormant_members
    from all_periods
    left join changes on all_periods.period_start = changes.period_start
    group by all_periods.period_start
)

select
    counted.period_start, -- first day of the period
    counted.new_members as "new", -- active for the first time ever
    counted.returning_members as "returning", -- active in this and the previous period
    counted.resurrecting_members as resurrecting, -- active again after a gap
    case when explore.day_start_at(explore.period_after(counted.period_start, period, 1),
        calendar.zone) <= calendar.end_at
        then -counted.dormant_members end as dormant, -- not active any more, negative
    counted.new_members + counted.returning_members + counted.resurrecting_members
        as active, -- new + returning + resurrecting
    explore.day_start_at(explore.period_after(counted.period_start, period, 1),
        calendar.zone) <= calendar.end_at as is_complete -- whether the period is over
from counted
cross join calendar
where (from_day is null or counted.period_start
        >= explore.period_start(cast(from_day as date), period, calendar.week_starts))
    and (to_day is null or counted.period_start <= cast(to_day as date))
order by counted.period_start
