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
            else interval 720 hour end as rolling_length
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

-- What nobody asked for is NULL, so that it is not sorted by: among single names, names say nothing
-- more than is_start does.
placed as (
    select
        own.member_id,
        own.occurred_at,
        case when "by" is not null then own.by_value end as by_value,
        list_contains(question.start_names, own.event_name) as is_start,
        list_contains(question.return_names, own.event_name) as is_return,
        explore.local_day(own.occurred_at, question.zone) as day,
        explore.period_start(explore.local_day(own.occurred_at, question.zone), period,
            question.week_starts) as first_day,
        row_number() over (
            partition by own.member_id
            order by own.occurred_at, own.event_order nulls last,
                list_contains(question.start_names, own.event_name) desc,
                case when order_column is not null then own.row_order end nulls last,
                case when "by" is not null or contains(start_event || return_event, '|')
                    then own.event_name end,
                case when "by" is not null then own.by_value end nulls last) as place
    from explore.rows_of("by" := "by", order_column := order_column, events := events) as own
    join question on list_contains(question.names, own.event_name)
    where not question.is_given or own.occurred_at < question.end_at
),

-- The first start event of a member, in each period where cohorts are recurring.
starts as (
    select member_id, occurred_at, by_value, first_day, place, day
    from placed
    where is_start
    qualify row_number() over (
        partition by member_id, case when cohort = 'recurring' then first_day end
        order by place) = 1
),

members as (
    select member_id, occurred_at, by_value, first_day, place
    from starts
    where (from_day is null or day >= cast(from_day as date))
        and (to_day is null or day <= cast(to_day as date))
),

-- Returns, only as many as can differ: the last of each period, or the last at all.
returns as (
    select member_id, first_day, occurred_at, place
    from placed
    where is_return
    qualify clock = 'rolling' and criteria = 'on' or row_number() over (
        partition by member_id, case when criteria = 'on' then first_day end
        order by place desc) = 1
),

indexed as (
    select
        members.member_id,
        members.first_day as cohort_start,
        members.by_value,
        case
            when clock = 'calendar' then explore.period_number(returns.first_day, period)
                - explore.period_number(members.first_day, period)
            else date_diff('microsecond', members.occurred_at, returns.occurred_at)
                // date_diff('microsecond', timestamp '2000-01-01',
                    timestamp '2000-01-01' + question.rolling_length)
        end as last_index
    from members
    join returns on members.member_id = returns.member_id and members.place < returns.place
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
    join question on question.is_same
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
