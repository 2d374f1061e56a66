-- One row per stay of a person in a group, before roles: staff, bots and alts too.
-- grain: group_id, member_id, stay_number
-- A stay runs from a join (or a sign of presence) to the next leave or kick. A rejoin within
-- rejoin_hours continues it. It closes with the group (dissolved), or as moved when the person
-- joins the parent or successor group within moved_hours of leaving. Unknown joins begin with the
-- export, never before a known first join.
with

presence as (select * from core.presence),

first_joins as (select * from core.first_joins),

groups as (select * from staging.groups),

settings as (select * from core.settings),

steps as (
    select
        presence.*,
        coalesce(lag(is_exit) over (
            partition by group_id, member_id order by position
        ), true) as was_out
    from presence
),

-- Only what changes the state: coming in while out, going out while in, and a first exit of
-- somebody who must
-- have been in.
changes as (
    select
        group_id,
        member_id,
        position,
        occurred_at,
        action,
        is_exit,
        left_after,
        start_at,
        lead(is_exit) over (partition by group_id, member_id order by position) as next_is_exit,
        lead(occurred_at) over (partition by group_id, member_id order by position) as next_at,
        lead(action) over (partition by group_id, member_id order by position) as next_action,
        lead(left_after) over (partition by group_id, member_id order by position)
            as next_left_after
    from steps
    where was_out <> is_exit or (is_exit and position = 1)
),

opened as (
    select
        group_id,
        member_id,
        case when is_exit then start_at else occurred_at end as joined_at,
        case when is_exit then occurred_at when next_is_exit then next_at end as left_at,
        case when is_exit then action when next_is_exit then next_action end as exit_kind,
        case when is_exit then left_after when next_is_exit then next_left_after end as left_after,
        action = 'join' and occurred_at >= coalesce(start_at, occurred_at) as is_join_known,
        case when action = 'listed' then occurred_at end as listed_at,
        position = 1 as is_first,
        start_at
    from changes
    where not is_exit or position = 1
),

-- Joins and exits of before the export are not stays of its time.
clipped as (
    select
        opened.group_id,
        opened.member_id,
        case
            when opened.is_join_known then opened.joined_at
            when opened.is_first or opened.joined_at < opened.start_at then greatest(
                coalesce(opened.start_at, opened.joined_at),
                opened.listed_at,
                case when first_joins.is_join_known then first_joins.first_joined_at end
            )
            else opened.joined_at
        end as joined_at,
        opened.left_at,
        opened.left_after,
        opened.exit_kind,
        opened.is_join_known,
        opened.start_at
    from opened
    join first_joins on opened.member_id = first_joins.member_id
    where opened.left_at is null or opened.start_at is null or opened.left_at > opened.start_at
),

following as (
    select
        clipped.*,
        lag(left_at) over (partition by group_id, member_id order by joined_at) as previous_left_at,
        settings.rejoin_hours
    from clipped
    cross join settings
),

numbered as (
    select
        following.*,
        count(case
            when previous_left_at is null
                or joined_at >= previous_left_at + rejoin_hours * interval 1 hour then 1
        end) over (partition by group_id, member_id order by joined_at) as stay_number
    from following
),

merged as (
    select
        group_id,
        member_id,
        stay_number,
        min(joined_at) as joined_at,
        case when bool_or(left_at is null) then null else max(left_at) end as left_at,
        case when bool_or(left_at is null) then null else max_by(exit_kind, joined_at) end
            as exit_kind,
        max(coalesce(left_after, left_at)) as left_after,
        min_by(is_join_known, joined_at) as is_join_known,
        min_by(is_join_known or joined_at > start_at, joined_at) as is_opened
    from numbered
    group by group_id, member_id, stay_number
),

closed as (
    select
        merged.group_id,
        merged.member_id,
        merged.stay_number,
        merged.joined_at,
        merged.is_join_known,
        merged.is_opened,
        case
            when merged.joined_at < groups.closed_at
                and coalesce(merged.left_at >= groups.closed_at, true)
                then groups.closed_at
            else merged.left_at
        end as left_at,
        case
            when merged.joined_at < groups.closed_at
                and coalesce(merged.left_at >= groups.closed_at, true)
                then 'dissolved'
            else merged.exit_kind
        end as exit_kind,
        case
            when merged.joined_at < groups.closed_at
                and coalesce(merged.left_at >= groups.closed_at, true)
                then null
            when merged.left_after < merged.left_at
                then greatest(merged.left_after, merged.joined_at)
        end as left_after,
        groups.successor_group_id,
        groups.parent_group_id
    from merged
    join groups on merged.group_id = groups.group_id
),

arrivals as (select * from closed where is_join_known),

moves as (
    select distinct closed.group_id, closed.member_id, closed.stay_number
    from closed
    cross join settings
    join arrivals
        on closed.member_id = arrivals.member_id
        and (arrivals.group_id = closed.successor_group_id
            or arrivals.group_id = closed.parent_group_id)
        and arrivals.joined_at
            >= coalesce(closed.left_after, closed.left_at) - settings.moved_hours * interval 1 hour
        and arrivals.joined_at < closed.left_at + settings.moved_hours * interval 1 hour
    where closed.exit_kind in ('leave', 'kick')
)

select
    closed.group_id, -- group
    closed.member_id, -- person
    closed.stay_number, -- 1 for the first stay of the person in the group
    closed.joined_at, -- when it began, naive UTC
    closed.left_at, -- when it ended; NULL while it lasts
    closed.left_after, -- when it ended at the earliest, where only two member lists show it
    case when moves.group_id is not null then 'moved' else closed.exit_kind end
        as exit_kind, -- leave, kick, dissolved or moved
    closed.is_join_known, -- whether the beginning is known
    closed.is_opened -- whether it began within the export, not before it
from closed
left join moves
    on closed.group_id = moves.group_id
    and closed.member_id = moves.member_id
    and closed.stay_number = moves.stay_number
