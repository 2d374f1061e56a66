-- One row per sign that a person is in a group or leaves it, in event order.
-- grain: group_id, member_id, position
-- Joins, leaves and kicks, by logs or member lists, and where they are silent the first message of
-- a day: whoever writes in a group is in it. An invite sent to a group before the join there means
-- that the inviter was there already; an invite alone puts nobody into a group.
with

joins as (select * from staging.joins),

message_days as (select * from core.message_days),

first_messages as (select * from core.first_messages),

invites as (select * from staging.invites),

starts as (select * from core.group_starts),

settings as (select * from core.settings),

exits as (select distinct group_id, member_id from joins where action in ('leave', 'kick')),

first_moves as (
    select group_id, member_id, min(occurred_at) as first_at
    from joins
    group by group_id, member_id
),

signs as (
    select group_id, member_id, first_at as occurred_at
    from first_messages
    union
    select message_days.group_id, message_days.member_id, message_days.first_at as occurred_at
    from message_days
    join exits
        on message_days.group_id = exits.group_id
        and message_days.member_id = exits.member_id
    union
    select invites.group_id, invites.inviter_id as member_id, min(invites.invited_at) as occurred_at
    from invites
    join first_moves
        on invites.group_id = first_moves.group_id
        and invites.inviter_id = first_moves.member_id
        and invites.invited_at < first_moves.first_at
    group by invites.group_id, invites.inviter_id
),

events as (
    select group_id, member_id, occurred_at, action, left_after, 0 as kind_order, event_key
    from joins
    where action not in ('leave', 'kick')
    union all
    select group_id, member_id, occurred_at, action, left_after, 1 as kind_order, event_key
    from joins
    where action in ('leave', 'kick')
    union all
    select group_id, member_id, occurred_at, 'sign' as action,
        cast(null as timestamp) as left_after, 2 as kind_order, '' as event_key
    from signs
),

placed as (
    select
        events.*,
        starts.start_at,
        events.action in ('leave', 'kick') as is_exit,
        max(case when events.action in ('leave', 'kick') then events.occurred_at end) over (
            partition by events.group_id, events.member_id
            order by events.occurred_at, events.kind_order, events.event_key
            rows between unbounded preceding and 1 preceding
        ) as last_exit_at,
        max(case when events.action = 'join' then events.occurred_at end) over (
            partition by events.group_id, events.member_id
            order by events.occurred_at, events.kind_order, events.event_key
            rows between unbounded preceding and 1 preceding
        ) as last_join_at,
        settings.rejoin_hours
    from events
    left join starts on events.group_id = starts.group_id
    cross join settings
)

select
    group_id, -- group
    member_id, -- person
    row_number() over (
        partition by group_id, member_id order by occurred_at, kind_order, event_key
    ) as position, -- place among the signs of this person in this group
    occurred_at, -- when, naive UTC
    action, -- join, leave, kick, listed (by a member list) or sign (a message or an invite)
    left_after, -- when an exit seen only by comparing two lists was at the earliest
    is_exit, -- whether it is a leave or kick
    start_at -- from when the group was exported, naive UTC
from placed
-- A message moments after the exit is a late line of the log, not a return.
where not (
    action = 'sign'
    and coalesce(occurred_at < last_exit_at + rejoin_hours * interval 1 hour, false)
    and coalesce(last_join_at <= last_exit_at, true)
)
