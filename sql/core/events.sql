-- One row per event of a counted member, for funnels and retentions. A view.
-- materialized: view
-- One source row is one event, except that an invite with a join is also invite_joined, on the
-- inviter.
with

joins as (select * from staging.joins),

messages as (select * from core.authored_messages),

orders as (select * from core.orders),

lines as (select * from staging.orders),

order_lines as (select * from core.order_lines),

parents as (
    select exported_order_id, min(order_id) as order_id
    from order_lines
    group by exported_order_id
),

first_lines as (
    select *
    from lines
    qualify row_number() over (partition by order_id order by line_number) = 1
),

invites as (select * from core.invites),

roles as (select * from core.roles),

events as (
    select
        member_id,
        group_id,
        action as event_name,
        occurred_at,
        case action when 'join' then 1 when 'leave' then 2 else 3 end as kind_order,
        event_key
    from joins
    where action in ('join', 'leave', 'kick')
    union all
    select
        member_id,
        group_id,
        case kind when 'checkin' then 'checkin' when 'red_packet' then 'red_packet'
            when 'mini_program' then 'mini_program' else 'message' end as event_name,
        occurred_at,
        4 as kind_order,
        event_key
    from messages
    where is_meaningful
        or (kind in ('checkin', 'red_packet', 'mini_program') and revoked_at is null and is_counted)
    union all
    select inviter_id as member_id, group_id, 'invite' as event_name, invited_at
        as occurred_at, 5, invite_id
    from invites
    where not accepted_only
    union all
    select inviter_id as member_id, group_id, 'invite_joined' as event_name, joined_at
        as occurred_at, 5, invite_id
    from invites
    where outcome = 'joined'
    union all
    select
        first_lines.member_id,
        orders.group_id,
        case first_lines.kind when 'preorder_deposit' then 'preorder' when 'recharge'
            then 'recharge'
            when 'refund' then 'refund' else 'order' end as event_name,
        coalesce(first_lines.paid_at, first_lines.ordered_at) as occurred_at,
        6 as kind_order,
        first_lines.order_id as event_key
    from first_lines
    left join parents on first_lines.order_id = parents.exported_order_id
    left join orders on parents.order_id = orders.order_id
    where first_lines.member_id is not null
        and first_lines.kind <> 'preorder_balance'
        and coalesce(first_lines.status, 'paid') <> 'cancelled'
        and (first_lines.paid_at is not null or first_lines.kind = 'refund')
)

select
    events.member_id, -- member
    events.group_id, -- group; NULL for orders without a group
    events.event_name, -- what happened: join, message, order, invite, …
    events.occurred_at, -- when, naive UTC
    row_number() over (
        order by events.occurred_at, events.kind_order, events.event_key, events.event_name,
            events.member_id
    ) as event_order -- breaks ties: join, leave, kick, message, invite, order, then the source row
from events
join roles on events.member_id = roles.member_id
where roles.is_counted
