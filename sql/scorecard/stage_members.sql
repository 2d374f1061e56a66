-- One row per member of a cohort: when they passed each stage of the closed, ordered funnel.
-- grain: member_id
-- M79. Each stage is the earliest event of its kind at or after the stage before, within 180 days
-- of the join; one order fills one stage. Refusers of archiving are left out.
with

joiners as (select * from activation.joiners),

calendar as (select * from core.calendar),

orders as (select * from core.orders),

lines as (select * from staging.orders),

order_lines as (select * from core.order_lines),

invites as (select * from core.invites),

warmed as (
    select
        joiners.member_id,
        calendar.month_start as cohort_month,
        joiners.joined_at,
        joiners.joined_at + interval 4320 hour as until_at,
        joiners.was_customer,
        case when joiners.first_message_at < joiners.joined_at + interval 4320 hour
            then joiners.first_message_at end as warmed_at
    from joiners
    join calendar
        on joiners.joined_at >= calendar.day_start_at
        and joiners.joined_at < calendar.day_end_at
    where joiners.group_id is null and not joiners.is_refuser
),

member_orders as (
    select
        warmed.member_id,
        warmed.warmed_at,
        warmed.was_customer,
        orders.order_id,
        orders.kind,
        orders.paid_at,
        dense_rank() over (partition by warmed.member_id order by orders.paid_day) as purchase
    from warmed
    join orders on warmed.member_id = orders.member_id
        and orders.is_paid
        and orders.paid_at >= warmed.joined_at
        and orders.paid_at < warmed.until_at
),

returned as (
    select member_id, order_id, paid_at as returned_at
    from member_orders
    where paid_at >= warmed_at and (purchase >= 2 or was_customer)
    qualify row_number() over (
        partition by member_id
        order by paid_at, case when kind = 'preorder_deposit' then 1 else 0 end, order_id
    ) = 1
),

prepayments as (
    select lines.member_id, order_lines.order_id, min(lines.paid_at) as paid_at
    from lines
    join order_lines on lines.order_id = order_lines.exported_order_id
    where lines.kind in ('preorder_deposit', 'recharge')
        and coalesce(lines.status, 'paid') <> 'cancelled'
        and lines.paid_at is not null
    group by lines.member_id, order_lines.order_id
),

prepaid as (
    select returned.member_id, min(prepayments.paid_at) as prepaid_at
    from returned
    join warmed on returned.member_id = warmed.member_id
    join prepayments
        on returned.member_id = prepayments.member_id
        and returned.order_id <> prepayments.order_id
        and prepayments.paid_at >= returned.returned_at
        and prepayments.paid_at < warmed.until_at
    group by returned.member_id
),

referred as (
    select prepaid.member_id, min(invites.joined_at) as referred_at
    from prepaid
    join warmed on prepaid.member_id = warmed.member_id
    join invites
        on prepaid.member_id = invites.inviter_id
        and invites.outcome = 'joined'
        and invites.joined_at >= prepaid.prepaid_at
        and invites.joined_at < warmed.until_at
    group by prepaid.member_id
)

select
    warmed.member_id, -- member
    warmed.cohort_month, -- month of the known first join
    warmed.joined_at, -- the join, naive UTC
    warmed.warmed_at, -- first meaningful message, naive UTC
    returned.returned_at, -- order that counts as the return, naive UTC
    prepaid.prepaid_at, -- deposit or recharge after it, naive UTC
    referred.referred_at -- join of somebody they invited after that, naive UTC
from warmed
left join returned on warmed.member_id = returned.member_id
left join prepaid on warmed.member_id = prepaid.member_id
left join referred on warmed.member_id = referred.member_id
