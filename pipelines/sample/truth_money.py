"""Truth about orders, products, invitations and campaigns. Each number is one plain query."""

from __future__ import annotations

_IN = "paid_t >= 0"
ORDERS: dict[str, str] = {
    "paid_orders": f"select count(*) from true_orders where {_IN}",
    "paid_orders_of_members": f"select count(*) from true_orders where {_IN} and buyer = 'person'",
    "paid_orders_of_non_members": f"select count(*) from true_orders where {_IN} and buyer = 'outsider'",
    "paid_orders_of_unknown_buyers": f"select count(*) from true_orders where {_IN} and buyer = 'unknown'",
    "paid_orders_of_staff": f"select count(*) from true_orders where {_IN} and buyer = 'staff'",
    "paid_orders_before_the_first_week": "select count(*) from true_orders where paid_t < 0",
    "unpaid_orders": "select count(distinct order_id) from order_rows where paid_t is null",
    "share_of_orders_not_by_members": f"select round(avg((buyer <> 'person')::int), 4) from true_orders where {_IN}",
    "unknown_share_by_group_min_max": f"""
        select [round(min(share), 3), round(max(share), 3)] from (
            select group_id, avg((buyer = 'unknown')::int) as share from true_orders
            where {_IN} and group_id is not null group by 1 having count(*) >= 40)
    """,
    "amounts_by_kind": """
        select kind, sum(amount)::varchar from order_rows where t >= 0 and paid_t is not null group by 1 order by 1
    """,
    "bonus_spent": "select sum(bonus_amount)::varchar from order_rows where kind = 'balance_spend'",
    "gmv": """
        select (sum(amount) - coalesce(sum(bonus_amount) filter (where kind = 'balance_spend'), 0))::varchar
        from order_rows where paid_t >= 0 and kind not in ('refund', 'recharge')
    """,
    "refunds_by_row": "select sum(amount)::varchar from order_rows where kind = 'refund' and paid_t >= 0",
    "refunds_known_by_status_only": """
        select coalesce(-sum(amount), 0)::varchar from order_rows join reexports using (order_id)
        where new_status = 'refunded' and old_status <> 'refunded'
    """,
    "average_order_value_30d": "select round(avg(amount::double), 2) from true_orders where paid_t >= end_t() - 2592000",
    "order_value_median": f"select round(median(amount::double), 2) from true_orders where {_IN} and kind = 'sale'",
    "order_value_mean": f"select round(avg(amount::double), 2) from true_orders where {_IN} and kind = 'sale'",
    "spend_per_buyer_30d": """
        select round(sum(amount)::double / count(distinct member_id), 2) from true_orders
        where paid_t >= end_t() - 2592000 and member_id is not null
    """,
    "orders_per_buyer_30d": """
        select round(count(*) / count(distinct person), 3) from true_orders
        where paid_t >= end_t() - 2592000 and person is not null
    """,
    "buyers_among_members_ever": "select count(distinct person) from true_orders where person is not null",
    "repurchase_90d": """
        with days as (
            select distinct person, floor(paid_t / 86400.0)::int as day from true_orders where person is not null
        ), firsts as (select person, min(day) as first_day from days group by 1)
        select round(avg((exists (select 1 from days as d where d.person = f.person and d.day > f.first_day
            and d.day <= f.first_day + 90))::int), 4)
        from firsts as f where first_day + 90 <= end_t() // 86400
    """,
    "median_days_between_purchases": """
        select median(gap) from (
            select day - lag(day) over (partition by person order by day) as gap from (
                select distinct person, floor(paid_t / 86400.0)::int as day from true_orders where person is not null))
    """,
    "orders_with_discount": f"select round(avg((discount > 0)::int), 4) from true_orders where {_IN} and kind = 'sale'",
    "margin_rate_where_cost_is_known": """
        select round(1 - sum(cost_amount)::double / sum(amount)::double, 4) from order_rows
        where kind in ('sale', 'group_buy') and cost_amount is not null and paid_t >= 0
    """,
    "refund_rate_of_faulty_product_in_its_weeks": """
        select round(count(distinct f.order_no) filter (where f.is_batch) / count(distinct l.order_no), 4)
        from lines as l join orders as o using (order_no)
        left join refunds as f on f.order_no = l.order_no
        where l.product_no = getvariable('faulty_product') and o.is_paid and o.kind in ('sale', 'group_buy')
            and cycle_week(o.t) in (15, 16) and o.t >= 0
    """,
    "partial_share_of_refunds": "select round(avg((is_partial)::int), 4) from (select distinct order_no, is_partial from refunds)",
    "preorder_deposits": "select count(*) from order_rows where kind = 'preorder_deposit' and paid_t is not null",
    "preorder_balances": "select count(*) from order_rows where kind = 'preorder_balance'",
    "preorder_on_time_rate_of_due": """
        select round(avg((balance_t <= due_t and balance_t is not null)::int), 4) from balances join orders using (order_no)
        where due_t < end_t() and is_paid
    """,
    "preorder_deposits_refunded": "select count(*) from balances where refund_t < end_t()",
    "recharges": "select count(*) from recharges",
    "recharged": "select sum(amount)::varchar from recharges",
    "recharge_bonus": "select sum(bonus)::varchar from recharges",
    "stored_value_spent": "select sum(spend)::varchar from spends",
    "open_balance_lowest": """
        select min(r.amount + r.bonus - coalesce(s.spent, 0))::varchar from recharges as r
        left join (select person, sum(spend) as spent from spends group by 1) as s using (person)
    """,
}


def _products(where: str) -> str:
    return f"""
        with sold as (
            select product_id, sum(amount) as net from order_rows
            where paid_t is not null and product_id is not null and {where} group by 1 having sum(amount) > 0
        ), ranked as (
            select net::double as net, row_number() over (order by net desc, product_id) as place,
                count(*) over () as products, sum(net) over ()::double as total,
                sum(net) over (order by net desc, product_id)::double as so_far from sold
        )
        select {{'products': any_value(products),
            'top_2pct_share': round(sum(net) filter (where place <= ceil(products * 0.02)) / any_value(total), 4),
            'top_20pct_share': round(sum(net) filter (where place <= ceil(products * 0.2)) / any_value(total), 4),
            'product_share_for_80pct': round((count(*) filter (where so_far < 0.8 * total) + 1) / any_value(products), 4)}}
        from ranked
    """


PRODUCTS: dict[str, str] = {
    "all": _products("t >= 0"),
    "last_90_days": _products("t >= end_t() - 90 * 86400"),
}
REFERRAL: dict[str, str] = {
    "invites": "select count(*) from invites where origin <> 'farmed'",
    "invites_by_farmers": "select count(*) from invites where origin = 'farmed'",
    "invite_rows_exported": "select count(*) from invite_rows",
    "joined": "select count(*) from invites where invitee is not null",
    "joined_without_farmed": "select count(*) from invites where invitee is not null and origin <> 'farmed'",
    "inviters_with_a_join": "select count(distinct inviter) from invites where invitee is not null",
    "largest_direct_without_farmers": "select max(n) from (select inviter, count(*) as n from invites "
    "where invitee is not null and origin <> 'farmed' group by 1)",
    "generation_shares": """
        with recursive tree(person, generation) as (
            select invitee, 1 from invites where invitee is not null
                and inviter not in (select invitee from invites where invitee is not null)
            union all
            select i.invitee, tree.generation + 1 from invites as i join tree on i.inviter = tree.person
            where i.invitee is not null
        )
        select generation, count(*) from tree group by 1 order by 1
    """,
    "reward_rows": "select count(*) from invite_rows where rewarded_t is not null",
    "self_invites": "select count(*) from invite_rows where origin = 'self'",
    "paid_twice": "select count(*) from invite_rows where origin = 'paid_twice'",
    "cycles": "select count(*) from invite_rows where origin = 'cycle'",
    "invited_who_were_members": "select count(*) from invite_rows where origin = 'not_new'",
    "ordinary_weeks": """
        select {'sent': count(*), 'joined': count(invitee),
            'acceptance': round(count(invitee) / count(*), 4)} from invites where origin = 'everyday'
    """,
}
PER_WAVE = """
    with actives as (
        select week_of(t) as week, count(distinct person) as n from true_activity where t >= 0 group by 1
    )
    select c.campaign_id, {
        'inviters': count(distinct inviter), 'sent': count(*), 'joined': count(invitee),
        'acceptance': round(count(invitee) / count(*), 4),
        'joined_per_inviter': round(count(invitee) / count(distinct inviter), 3),
        'weekly_actives': any_value(a.n), 'k_factor': round(count(invitee) / any_value(a.n), 4)}
    from invites as i join campaigns as c using (campaign_no) left join actives as a on a.week = week_of(c.start_t)
    where i.origin <> 'farmed'
    group by 1 order by 1
"""
WAVES = """
    with seen as (
        select distinct campaign_no, person, g from participants
        where campaign_type <> 'checkin' or true
    ), sizes as (
        select c.campaign_no, count(*) as members, count(*) filter (where is_lively and not is_never_archived
            and group_type <> 'flash') as in_running_groups
        from campaigns as c join seats as s on s.t < c.start_t + 86400 and s.end_t > c.start_t + 172800
        join groups using (g) group by 1
    )
    select campaign_id, {'planted_rate': share, 'participants': count(*), 'seats': any_value(members),
        'seats_of_running_groups': any_value(in_running_groups),
        'rate_in_running_groups': round(count(*) / any_value(in_running_groups), 4)}
    from seen join campaigns using (campaign_no) join sizes using (campaign_no)
    group by campaign_id, share order by 1
"""
FATIGUE = """
    with waves as (
        select wave_number, count(*)::double / (select count(*) from seats as s join groups using (g)
            where s.t < c.start_t + 86400 and s.end_t > c.start_t + 172800 and is_lively and not is_never_archived
                and group_type <> 'flash') as rate
        from participants join campaigns as c using (campaign_no)
        where c.campaign_type = 'flash_sale' group by wave_number, c.start_t
    )
    select round(regr_slope(ln(rate), wave_number), 4) from waves
"""
LEVERS = """
    select lever, {'planted': round(avg(planted), 3), 'posts': count(*), 'groups': count(distinct g),
        'measured': round(sum(actual) / sum(expected), 3)}
    from true_levers group by 1 order by 1
"""
