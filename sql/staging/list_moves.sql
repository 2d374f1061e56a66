-- Joins and exits that member lists show, beside those that an export tells as events.
-- grain: group_id, event_key
-- join: in the run's first list, after known_from. listed: was there before. sign: the same, since
-- when is unknown. leave: in a list and not in the next; it lies in (left_after, occurred_at]. A
-- leave or kick of a log between the two lists wins, and so does a join of a log within a day.
with

runs as (select * from staging.list_runs),

lists as (select * from staging.member_lists),

times as (select * from staging.list_times),

logged as (select * from staging.logged_moves),

settings as (select * from raw.settings),

group_lists as (select distinct group_id, source from times),

arrivals as (
    select
        runs.group_id,
        runs.source,
        runs.member_id,
        'run' || cast(runs.first_number as varchar) as place,
        runs.scene,
        runs.channel,
        runs.inviter_id,
        runs.role,
        runs.joined_at,
        runs.previous_after,
        runs.first_at,
        case
            when runs.joined_at > runs.known_from then 'join'
            when runs.joined_at is not null then 'listed'
            when runs.previous_after is not null then 'join'
            else 'sign'
        end as action,
        case
            when runs.joined_at > runs.known_from then runs.joined_at
            when runs.joined_at is not null and runs.known_from is not null then runs.joined_at
            -- On the day of the very first list: somebody of before it.
            when runs.joined_at is not null then least(
                runs.joined_at,
                timezone('UTC', timezone(settings.time_zone, cast(cast(timezone(
                    settings.time_zone, timezone('UTC', runs.first_after)) as date) as timestamp)))
            )
            else runs.first_at
        end as occurred_at
    from runs
    cross join settings
),

-- Left by the log, and back in the next list.
exits_logged as (
    select group_lists.source, logged.group_id, logged.member_id, times.list_number,
        max(logged.occurred_at) as left_at
    from logged
    join group_lists on logged.group_id = group_lists.group_id
    asof join times
        on logged.group_id = times.group_id
        and group_lists.source = times.source
        and logged.occurred_at <= times.taken_after
    where logged.action <> 'join'
    group by group_lists.source, logged.group_id, logged.member_id, times.list_number
),

returns as (
    select
        lists.group_id,
        lists.source,
        lists.member_id,
        'back' || cast(times.list_number as varchar) as place,
        lists.scene,
        lists.channel,
        lists.inviter_id,
        lists.role,
        lists.joined_at,
        exits_logged.left_at as previous_after,
        lists.taken_at as first_at,
        'join' as action,
        coalesce(lists.joined_at, lists.taken_at) as occurred_at
    from exits_logged
    join times
        on exits_logged.group_id = times.group_id
        and exits_logged.source = times.source
        and exits_logged.list_number = times.list_number
    join lists
        on times.group_id = lists.group_id
        and times.source = lists.source
        and times.taken_at = lists.taken_at
        and exits_logged.member_id = lists.member_id
    left join runs
        on lists.group_id = runs.group_id
        and lists.source = runs.source
        and lists.member_id = runs.member_id
        and times.list_number = runs.first_number
    where lists.is_present
        and coalesce(lists.joined_at > exits_logged.left_at, true)
        and runs.member_id is null
),

-- Those whom a list shows only because it keeps who left.
gone as (
    select group_id, source, member_id, left_at, min(joined_at) as joined_at, max(scene) as scene,
        max(channel) as channel, max(inviter_id) as inviter_id, max(role) as role
    from lists
    where not is_present and left_at is not null
    group by group_id, source, member_id, left_at
),

gone_arrivals as (
    select
        gone.group_id,
        gone.source,
        gone.member_id,
        'gone' || cast(gone.left_at as varchar) as place,
        gone.scene,
        gone.channel,
        gone.inviter_id,
        gone.role,
        gone.joined_at,
        cast(null as timestamp) as previous_after,
        gone.left_at as first_at,
        case when gone.joined_at > times.taken_after then 'join' else 'listed' end as action,
        gone.joined_at as occurred_at
    from gone
    join times
        on gone.group_id = times.group_id
        and gone.source = times.source
        and times.list_number = 1
    left join runs
        on gone.group_id = runs.group_id
        and gone.source = runs.source
        and gone.member_id = runs.member_id
        and gone.joined_at = runs.joined_at
    where gone.joined_at <= gone.left_at and runs.member_id is null
),

all_arrivals as (
    select * from arrivals
    union all
    select * from returns
    union all
    select * from gone_arrivals
),

-- What the log tells already is not told twice.
known_arrivals as (
    select distinct all_arrivals.group_id, all_arrivals.source, all_arrivals.member_id,
        all_arrivals.place
    from all_arrivals
    join logged
        on all_arrivals.group_id = logged.group_id
        and all_arrivals.member_id = logged.member_id
        and logged.action = 'join'
        and case
            when all_arrivals.joined_at is not null
                then logged.occurred_at >= all_arrivals.joined_at - interval 24 hour
                    and logged.occurred_at <= all_arrivals.joined_at + interval 24 hour
            else logged.occurred_at > all_arrivals.previous_after
                and logged.occurred_at <= all_arrivals.first_at
        end
),

new_arrivals as (
    select all_arrivals.*
    from all_arrivals
    left join known_arrivals using (group_id, source, member_id, place)
    where known_arrivals.place is null
),

-- Joined by the log, and not in the next list.
joins_logged as (
    select group_lists.source, logged.group_id, logged.member_id, times.list_number,
        max(logged.occurred_at) as joined_at
    from logged
    join group_lists on logged.group_id = group_lists.group_id
    asof join times
        on logged.group_id = times.group_id
        and group_lists.source = times.source
        and logged.occurred_at <= times.taken_after
    where logged.action = 'join'
        and coalesce(logged.role, 'member') in ('member', 'kol')
    group by group_lists.source, logged.group_id, logged.member_id, times.list_number
),

never_listed as (
    select
        joins_logged.group_id,
        joins_logged.source,
        joins_logged.member_id,
        joins_logged.joined_at as left_after,
        times.taken_at as left_at,
        times.taken_after as missing_after
    from joins_logged
    join times
        on joins_logged.group_id = times.group_id
        and joins_logged.source = times.source
        and joins_logged.list_number = times.list_number
    left join lists
        on joins_logged.group_id = lists.group_id
        and joins_logged.source = lists.source
        and joins_logged.member_id = lists.member_id
        and (lists.taken_at = times.taken_at
            or (lists.taken_at > times.taken_at and lists.joined_at <= times.taken_after))
    where lists.member_id is null
),

missing as (
    select group_id, source, member_id, last_after as left_after, missing_at as left_at,
        missing_after
    from runs
    where missing_at is not null
    union all
    select group_id, source, member_id, left_after, left_at, missing_after
    from never_listed
),

tightest as (
    select group_id, source, member_id, left_at, max(left_after) as left_after,
        max(missing_after) as missing_after
    from missing
    group by group_id, source, member_id, left_at
),

-- The last word of the log between the two lists.
last_words as (
    select
        tightest.group_id,
        tightest.source,
        tightest.member_id,
        tightest.left_at,
        max(logged.occurred_at) as moved_at,
        arg_max(logged.action, logged.occurred_at) as moved
    from tightest
    join logged
        on tightest.group_id = logged.group_id
        and tightest.member_id = logged.member_id
        and logged.occurred_at > tightest.left_after
        and logged.occurred_at <= tightest.left_at
    group by tightest.group_id, tightest.source, tightest.member_id, tightest.left_at
),

told_gone as (select distinct group_id, source, member_id, left_at from gone),

adjusted as (
    select
        tightest.group_id,
        tightest.source,
        tightest.member_id,
        case when last_words.moved = 'join' and last_words.moved_at < tightest.missing_after
            then last_words.moved_at else tightest.left_after end as left_after,
        case when last_words.moved = 'join' and last_words.moved_at >= tightest.missing_after
            then last_words.moved_at - interval 1 microsecond
            else tightest.left_at end as left_at
    from tightest
    left join last_words using (group_id, source, member_id, left_at)
    left join told_gone
        on tightest.group_id = told_gone.group_id
        and tightest.source = told_gone.source
        and tightest.member_id = told_gone.member_id
        and told_gone.left_at > tightest.left_after
        and told_gone.left_at <= tightest.left_at
    where coalesce(last_words.moved, 'join') = 'join' and told_gone.member_id is null
),

exits as (
    select group_id, source, member_id, left_at, max(left_after) as left_after
    from adjusted
    where left_after < left_at
    group by group_id, source, member_id, left_at
),

-- A leave that both the log and the list tell is the log's.
gone_exits as (
    select gone.group_id, gone.source, gone.member_id, gone.left_at
    from gone
    left join logged
        on gone.group_id = logged.group_id
        and gone.member_id = logged.member_id
        and logged.action <> 'join'
        and logged.occurred_at >= gone.left_at - interval 24 hour
        and logged.occurred_at <= gone.left_at + interval 24 hour
    where logged.member_id is null
),

moves as (
    select group_id, source, member_id, occurred_at, action, cast(null as timestamp) as left_after,
        scene, channel, inviter_id, role, place
    from new_arrivals
    union all
    select group_id, source, member_id, left_at, 'leave', left_after, null, null, null, null, 'out'
    from exits
    union all
    select group_id, source, member_id, left_at, 'leave', null, null, null, null, null, 'told'
    from gone_exits
)

select
    moves.group_id, -- group
    moves.member_id, -- who joined or left
    moves.occurred_at, -- when; for an exit between two lists, at the latest, naive UTC
    cast(timezone(settings.time_zone, timezone('UTC', moves.occurred_at)) as date)
        as day, -- business day
    moves.action, -- join, listed, sign or leave
    moves.left_after, -- when an exit seen by comparing two lists was at the earliest
    moves.scene, -- how the member came in
    moves.channel, -- where the member came from
    moves.inviter_id, -- who brought the member
    moves.role, -- role in the list
    moves.source, -- where the list comes from
    concat_ws('/', 'list', moves.source, moves.member_id, moves.place,
        cast(moves.occurred_at as varchar)) as event_key -- what tells the row apart
from moves
cross join settings
