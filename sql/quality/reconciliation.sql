-- One row per day, group and metric that the platform counts itself, beside our own count.
-- grain: day, group_id, metric
-- Own counts include staff, bots and everybody the export names, as a platform's do: seats (sum of
-- group sizes), members (people), messages (taken back or not, without system lines), posters,
-- active_members, new_members, new_seats (stays that began), speakers (seats that posted for the
-- first time). group_id NULL is the whole project.
with

platform_stats as (select * from staging.platform_stats),

calendar as (select * from core.calendar),

message_days as (select * from core.message_days),

group_stays as (select * from core.group_stays),

first_joins as (select * from core.first_joins),

wanted as (
    select distinct day, group_id, metric from platform_stats
    where metric in ('members', 'seats')
),

scopes as (select distinct group_id, metric from wanted),

-- Messages are read for what a platform tells, and most tell nothing.
talk_days as (
    select distinct day from platform_stats
    where metric in ('messages', 'posters', 'active_members')
),

speaker_metrics as (select distinct metric from platform_stats where metric = 'speakers'),

posted as (
    select message_days.day, message_days.group_id, message_days.member_id,
        message_days.sent_messages
    from message_days
    join talk_days on message_days.day = talk_days.day
),

posts as (
    select day, group_id, member_id, sent_messages from posted
    union all
    select day, cast(null as varchar) as group_id, member_id, sent_messages from posted
),

post_days as (
    select
        day,
        group_id,
        sum(sent_messages) as messages,
        count(distinct case when sent_messages > 0 then member_id end) as posters
    from posts
    group by day, group_id
),

counted_stays as (
    select group_id, member_id, joined_at, left_at from group_stays
    union all
    select cast(null as varchar) as group_id, member_id, joined_at, left_at from group_stays
),

-- Sizes are running sums of what opened and closed, never every stay beside every day.
scope_stays as (
    select
        scopes.metric,
        counted_stays.group_id,
        counted_stays.member_id,
        counted_stays.joined_at,
        counted_stays.left_at
    from scopes
    join counted_stays on scopes.group_id is not distinct from counted_stays.group_id
),

turns as (
    select metric, group_id, member_id, joined_at as turned_at, 1 as step from scope_stays
    union all
    select metric, group_id, member_id, left_at, -1 from scope_stays where left_at is not null
),

member_turns as (
    select group_id, member_id, turned_at, sum(step) as step
    from turns
    where metric = 'members'
    group by group_id, member_id, turned_at
),

seats_held as (
    select
        group_id,
        turned_at,
        step,
        sum(step) over (partition by group_id, member_id order by turned_at) as seats
    from member_turns
),

steps as (
    select metric, group_id, turned_at, step from turns where metric = 'seats'
    union all
    select
        'members',
        group_id,
        turned_at,
        case when seats > 0 then 1 else 0 end - case when seats > step then 1 else 0 end
    from seats_held
    union all
    select wanted.metric, wanted.group_id, calendar.day_end_at, null
    from wanted
    join calendar on wanted.day = calendar.day
),

-- What turns at the very end of a day counts from the next.
sizes as (
    select
        metric,
        group_id,
        turned_at as day_end_at,
        step,
        sum(step) over (
            partition by metric, group_id
            order by turned_at, case when step is null then 0 else 1 end
        ) as members
    from steps
),

size_days as (
    select calendar.day, sizes.group_id, sizes.metric, coalesce(sizes.members, 0) as members
    from sizes
    join calendar on sizes.day_end_at = calendar.day_end_at
    where sizes.step is null
),

join_days as (
    select calendar.day, count(*) as new_members
    from first_joins
    join calendar
        on first_joins.first_joined_at >= calendar.day_start_at
        and first_joins.first_joined_at < calendar.day_end_at
    where first_joins.is_join_known
    group by calendar.day
),

seat_days as (
    select calendar.day, group_stays.group_id, count(*) as new_seats
    from group_stays
    join calendar
        on group_stays.joined_at >= calendar.day_start_at
        and group_stays.joined_at < calendar.day_end_at
    where group_stays.is_opened
    group by calendar.day, group_stays.group_id
),

first_posts as (
    select message_days.group_id, message_days.member_id, min(message_days.day) as day
    from message_days
    cross join speaker_metrics
    where message_days.sent_messages > 0
    group by message_days.group_id, message_days.member_id
),

speaker_days as (
    select day, group_id, count(*) as speakers from first_posts group by day, group_id
),

flows as (
    select day, group_id, 'new_seats' as metric, new_seats as flow from seat_days
    union all
    select day, group_id, 'speakers', speakers from speaker_days
    union all
    select day, cast(null as varchar), 'new_seats', sum(new_seats) from seat_days group by day
    union all
    select day, cast(null as varchar), 'speakers', sum(speakers) from speaker_days group by day
),

compared as (
    select
        platform_stats.day,
        platform_stats.group_id,
        platform_stats.metric,
        case
            when platform_stats.metric in ('messages', 'posters', 'active_members')
                and calendar.is_message_covered
                then coalesce(
                    case when platform_stats.metric = 'messages' then post_days.messages
                        else post_days.posters end,
                    0
                )
            when platform_stats.metric in ('members', 'seats')
                and (calendar.is_join_covered or calendar.is_message_covered)
                then coalesce(size_days.members, 0)
            when platform_stats.metric = 'new_members' and calendar.is_join_covered
                and platform_stats.group_id is null
                then coalesce(join_days.new_members, 0)
            when platform_stats.metric = 'new_seats' and calendar.is_join_covered
                or platform_stats.metric = 'speakers' and calendar.is_message_covered
                then coalesce(flows.flow, 0)
        end as own_value,
        platform_stats.value as platform_value
    from platform_stats
    left join calendar on platform_stats.day = calendar.day
    left join post_days
        on platform_stats.day = post_days.day
        and platform_stats.group_id is not distinct from post_days.group_id
    left join size_days
        on platform_stats.day = size_days.day
        and platform_stats.group_id is not distinct from size_days.group_id
        and platform_stats.metric = size_days.metric
    left join join_days on platform_stats.day = join_days.day
    left join flows
        on platform_stats.day = flows.day
        and platform_stats.group_id is not distinct from flows.group_id
        and platform_stats.metric = flows.metric
)

select
    day, -- business day
    group_id, -- group; NULL for the whole project
    metric, -- what is counted
    cast(own_value as double) as own_value, -- what the exports show; NULL on days they do not cover
    cast(platform_value as double) as platform_value, -- what the platform says
    cast(own_value as double) - cast(platform_value as double) as difference, -- own - platform
    (cast(own_value as double) - cast(platform_value as double)) / nullif(cast(platform_value
        as double), 0)
        as difference_rate -- difference / platform_value
from compared
