-- One row per recharge: what of it was spent within 90 days, first charged first spent.
-- grain: order_id, line_number
-- Money and bonus. A person's recharges before it are spent first; recharges paid back are not
-- looked at.
with

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

moves as (
    select
        order_lines.order_id,
        order_lines.line_number,
        orders.member_id,
        order_lines.line_kind,
        order_lines.effective_at,
        order_lines.effective_day,
        cast(order_lines.amount + order_lines.bonus as decimal(18, 2)) as amount
    from order_lines
    join orders on order_lines.order_id = orders.order_id
    where order_lines.line_kind in ('recharge', 'balance_spend')
        and order_lines.effective_at is not null
        and orders.member_id is not null
),

charged as (
    select
        moves.*,
        sum(amount) over (
            partition by member_id order by effective_at, order_id, line_number
            rows between unbounded preceding and current row
        ) as charged_to
    from moves
    where line_kind = 'recharge'
),

spent as (
    select charged.order_id, charged.line_number, sum(spending.amount) as spent_to
    from charged
    join moves as spending
        on charged.member_id = spending.member_id
        and spending.line_kind = 'balance_spend'
        and spending.effective_at < charged.effective_at + interval 90 day
    group by charged.order_id, charged.line_number
)

select
    charged.order_id, -- order of the recharge
    charged.line_number, -- its line
    charged.member_id, -- who recharged
    charged.effective_at as recharged_at, -- when, naive UTC
    charged.amount, -- money and bonus
    cast(least(charged.amount, greatest(
        coalesce(spent.spent_to, 0) - (charged.charged_to - charged.amount), 0
    )) as decimal(18, 2)) as spent_90d, -- of it, spent within 90 days
    charged.effective_at + interval 90 day <= settings.watermark_order_at
        as is_mature, -- whether its 90 days are over at W
    ends.order_days_missed = starts.order_days_missed
        as is_covered -- whether the orders of all of them are exported
from charged
cross join settings
join calendar as starts on charged.effective_day = starts.day
left join calendar as ends
    on charged.effective_at + interval 90 day > ends.day_start_at
    and charged.effective_at + interval 90 day <= ends.day_end_at
left join spent
    on charged.order_id = spent.order_id and charged.line_number = spent.line_number
