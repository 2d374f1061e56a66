-- One row per member, cohort and index of a period in which the member came back: what
-- explore.retention counts. period_index NULL is the cohort itself.
-- Parameters are those of explore.retention.
create or replace macro explore.retention_members(
    start_event, return_event, period := 'week', cohort := 'first_time', criteria := 'on',
    clock := 'calendar', "by" := null, periods := 12, from_day := null, to_day := null,
    as_of := null, time_zone := null, week_starts := null, order_column := null,
    events := 'core.events'
) as table
with

question as (
    select
        string_split(start_event, '|') as start_names,
        string_split(return_event, '|') as return_names,
        list_sort(string_split(start_event, '|')) = list_sort(string_split(return_event, '|'))
            as is_same,
        checked.names,
        calendar.*,
        case period when 'day' then interval 24 hour when 'week' then interval 168 hour
            else interval 720 hour end as rolling_length,
        -- Starts and returns lie between: from the first day's period to the last that counts.
        coalesce(explore.day_start_at(explore.period_start(cast(from_day as date), period,
            calendar.week_starts), calendar.zone), timestamp '-infinity') as first_at,
        coalesce(explore.day_start_at(cast(from_day as date), calendar.zone),
            timestamp '-infinity') as starts_from,
        coalesce(explore.day_start_at(cast(to_day as date) + 1, calendar.zone),
            timestamp 'infinity') as starts_before,
        coalesce(case
            when criteria = 'on' and clock = 'calendar' then explore.day_start_at(
                explore.period_after(explore.period_start(cast(to_day as date), period,
                    calendar.week_starts), period, periods + 1), calendar.zone)
            when criteria = 'on' then explore.day_start_at(cast(to_day as date) + 1, calendar.zone)
                + (periods + 1) * case period when 'day' then interval 24 hour
                    when 'week' then interval 168 hour else interval 720 hour end
            end, timestamp 'infinity') as returns_before
    from explore.checked_names([start_event, return_event], events := events) as checked
    cross join explore.clock(names := string_split(start_event || '|' || return_event, '|'),
        as_of := as_of, time_zone := time_zone, week_starts := week_starts, events := events)
        as calendar
    where explore.one_of(period, 'period', ['day', 'week', 'month']) is not null
        and explore.one_of(cohort, 'cohort', ['first_time', 'recurring']) is not null
        and explore.one_of(criteria, 'criteria', ['on', 'on_or_after']) is not null
        and explore.one_of(clock, 'clock', ['calendar', 'rolling']) is not null
        and case when coalesce(periods, -1) < 0
            then error('periods is ' || coalesce(cast(periods as varchar), 'null')
                || '; give 0 or more') else true end
),

-- Read where it is used, and not kept: each use needs a few columns, and few rows of it.
own as not materialized (
    select
        rows.*,
        list_contains(question.start_names, rows.event_name) as is_start,
        list_contains(question.return_names, rows.event_name) as is_return,
        question.zone,
        question.week_starts,
        question.first_at,
        question.starts_from,
        question.starts_before,
        question.returns_before
    from explore.rows_of("by" := "by", order_column := order_column, events := events) as rows
    join question on list_contains(question.names, rows.event_name)
    where not question.is_given or rows.occurred_at < question.end_at
),

-- The period of each quarter of an hour with an event: a time zone is asked for once for each, and
-- not for each event. Clocks have been set by quarters of an hour since 1972.
quarters as (
    select
        explore.quarter_of(occurred_at) as quarter,
        explore.period_start(explore.local_day(
            make_timestamp(explore.quarter_of(occurred_at) * 900_000_000), any_value(zone)),
            period, any_value(week_starts)) as first_day
    from own
    where (cohort = 'recurring' or criteria = 'on' and clock = 'calendar')
        and occurred_at >= first_at
        and occurred_at < greatest(starts_before, returns_before)
    group by explore.quarter_of(occurred_at)
),

-- When a member starts: at the first start event ever; where cohorts are recurring, at the first of
-- those asked for in each period.
first_starts as (
    select own.member_id, min(own.occurred_at) as occurred_at
    from own
    left join quarters
        on cohort = 'recurring' and explore.quarter_of(own.occurred_at) = quarters.quarter
    where own.is_start
        and own.occurred_at < own.starts_before
        and (cohort = 'first_time' or own.occurred_at >= own.starts_from)
    group by own.member_id, case when cohort = 'recurring' then quarters.first_day end
),

-- What happened at those instants, in order. What nobody asked for is NULL, so that it is not
-- sorted by: among single names, names say nothing more than is_start does.
at_starts as (
    select
        own.member_id,
        own.occurred_at,
        case when "by" is not null then own.by_value end as by_value,
        own.is_start,
        own.is_return,
        row_number() over (
            partition by own.member_id, own.occurred_at
            order by own.event_order nulls last, own.is_start desc,
                case when order_column is not null then own.row_order end nulls last,
                case when "by" is not null or contains(start_event || return_event, '|')
                    then own.event_name end,
                case when "by" is not null then own.by_value end nulls last) as place
    from own
    semi join first_starts
        on own.member_id = first_starts.member_id
        and own.occurred_at = first_starts.occurred_at
    where own.occurred_at < own.starts_before
        and (cohort = 'first_time' or own.occurred_at >= own.first_at)
),

starts as (
    select
        member_id,
        occurred_at,
        arg_min({value: by_value}, place) filter (where is_start) as by_value,
        min(place) filter (where is_start) < max(place) filter (where is_return)
            as returned_at_once
    from at_starts
    group by member_id, occurred_at
),

members as (
    select
        starts.member_id,
        starts.occurred_at,
        starts.by_value.value as by_value,
        explore.period_start(explore.local_day(starts.occurred_at, question.zone), period,
            question.week_starts) as first_day,
        coalesce(starts.returned_at_once, false) as returned_at_once
    from starts
    cross join question
    where (from_day is null or explore.local_day(starts.occurred_at, question.zone)
            >= cast(from_day as date))
        and (to_day is null or explore.local_day(starts.occurred_at, question.zone)
            <= cast(to_day as date))
),

-- Returns, only as many as can differ: the last of each period, or the last at all.
last_returns as (
    select
        own.member_id,
        max(own.occurred_at) as occurred_at,
        case
            when criteria = 'on' and clock = 'calendar' then cast(quarters.first_day as timestamp)
            when criteria = 'on' then own.occurred_at
        end as slot
    from own
    left join quarters
        on criteria = 'on' and clock = 'calendar'
        and explore.quarter_of(own.occurred_at) = quarters.quarter
    where own.is_return
        and own.occurred_at >= own.first_at
        and own.occurred_at < own.returns_before
    group by own.member_id, slot
),

indexed as (
    select
        members.member_id,
        members.first_day as cohort_start,
        members.by_value,
        case
            when clock = 'calendar' then explore.period_number(coalesce(
                    case when criteria = 'on' then cast(last_returns.slot as date) end,
                    explore.period_start(explore.local_day(last_returns.occurred_at,
                        question.zone), period, question.week_starts)), period)
                - explore.period_number(members.first_day, period)
            else date_diff('microsecond', members.occurred_at, last_returns.occurred_at)
                // date_diff('microsecond', timestamp '2000-01-01',
                    timestamp '2000-01-01' + question.rolling_length)
        end as last_index
    from members
    join last_returns
        on members.member_id = last_returns.member_id
        and members.occurred_at < last_returns.occurred_at
    cross join question
),

returned as (
    select
        member_id,
        cohort_start,
        by_value,
        unnest(case when criteria = 'on' then [last_index]
            else range(least(last_index, periods) + 1) end) as period_index
    from indexed
    where criteria = 'on_or_after' or last_index <= periods
    union all
    select members.member_id, members.first_day, members.by_value, 0
    from members
    join question on question.is_same or members.returned_at_once
)

select
    member_id, -- member
    first_day as cohort_start, -- first day of the cohort's period
    by_value, -- value to break down by, at the start event
    cast(null as bigint) as period_index -- the cohort itself
from members
union all
select member_id, cohort_start, by_value, period_index
from returned
group by member_id, cohort_start, by_value, period_index
