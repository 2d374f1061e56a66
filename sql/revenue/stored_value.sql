-- One row per person who recharged or paid from a balance: the ledger at R, member NULL for the
-- rest.
-- grain: member_id
-- M54. open_balance = recharged + bonus granted - spent - refunded recharges. Revenue is what was
-- spent, not what was recharged. A refund of goods paid from a balance is taken as paid in money.
-- concept: M54 = recharged, bonus, spent, refunded, open_balance
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

settings as (select * from core.settings),

moves as (
    select
        orders.member_id,
        case when order_lines.line_kind = 'recharge' then order_lines.amount else 0 end
            as recharged,
        case order_lines.line_kind
            when 'recharge' then order_lines.bonus
            when 'recharge_refund' then -order_lines.bonus
            else 0
        end as bonus,
        case when order_lines.line_kind = 'balance_spend'
            then order_lines.amount + order_lines.bonus else 0 end as spent,
        case when order_lines.line_kind = 'recharge_refund' then -order_lines.amount else 0 end
            as refunded
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    cross join settings
    where order_lines.line_kind in ('recharge', 'balance_spend', 'recharge_refund')
        and order_lines.effective_at < settings.report_order_at
)

select
    member_id, -- person; NULL for all unknown buyers together
    cast(sum(recharged) as decimal(18, 2)) as recharged, -- money recharged
    cast(sum(bonus) as decimal(18, 2)) as bonus, -- bonus granted, less what was taken back
    cast(sum(spent) as decimal(18, 2)) as spent, -- paid from the balance, bonus included
    cast(sum(refunded) as decimal(18, 2)) as refunded, -- recharges paid back
    cast(sum(recharged + bonus - spent - refunded) as decimal(18, 2))
        as open_balance -- recharged + bonus - spent - refunded
from moves
group by member_id
