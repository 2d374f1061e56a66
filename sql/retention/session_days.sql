-- One row per business day and member active on it, of the 28 days before R: how many sessions?
-- grain: day, member_id
-- A session is activity without a pause of 30 minutes; midnight ends it. Activity as in
-- core.member_days: meaningful messages, check-ins, mini-program events, paid orders since the
-- join.
with

windows as (select * from core.report_windows),

messages as (select * from core.authored_messages),

orders as (select * from core.orders),

first_joins as (select * from core.first_joins),

roles as (select * from core.roles),

span as (
    select first_day, last_day
    from windows
    where kind = 'activity' and days = 28
),

events as (
    select messages.member_id, messages.day, messages.occurred_at
    from messages
    join roles on messages.member_id = roles.member_id
    join span on messages.day >= span.first_day and messages.day <= span.last_day
    where messages.is_meaningful
        or (messages.is_counted and messages.kind in ('checkin', 'mini_program')
            and messages.revoked_at is null and not roles.is_refuser)
    union all
    select orders.member_id, orders.paid_day as day, orders.paid_at as occurred_at
    from orders
    join first_joins on orders.member_id = first_joins.member_id
    join span on orders.paid_day >= span.first_day and orders.paid_day <= span.last_day
    where orders.is_paid and orders.is_counted and orders.paid_at >= first_joins.first_joined_at
),

pauses as (
    select
        events.*,
        lag(occurred_at) over (partition by member_id, day order by occurred_at) as previous_at
    from events
)

select
    day, -- business day
    member_id, -- member
    count(case when previous_at is null
        or occurred_at >= previous_at + interval 30 minute then 1 end) as sessions -- sessions
from pauses
group by day, member_id
