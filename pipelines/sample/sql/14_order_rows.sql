-- The rows of the order export: lines, balances of pre-orders, refunds; and what later exports
-- change.
create table leaders as
select g, person
from seats
join groups using (g)
where group_type = 'leader' and seats.end_t = getvariable('end_t')
qualify row_number() over (partition by g order by seats.t, person) = 1;

create table preorders as
select
    o.order_no,
    o.t,
    l.amount as total,
    l.cost_amount as total_cost,
    greatest(1, round(l.amount::double * (0.2 + 0.1 * u('deposit', o.order_no, 0)),
        0))::decimal(18, 2) as deposit,
    (o.t // 86400 + 15) * 86400 - 1 as due_t,
    u('balance', o.order_no, 0) as x,
from orders as o
join lines as l using (order_no)
where o.kind = 'preorder_deposit';

create table balances as
select
    *,
    case
        when x < 0.86 then t + 4 * 86400
            + floor((due_t - t - 4 * 86400) * u('balance_at', order_no, 0))::bigint
        when x < 0.90 then due_t + 3600 + floor(5 * 86400 * u('balance_at', order_no, 0))::bigint
    end as balance_t,
    case when x >= 0.95 then t + 86400 + floor(9 * 86400 * u('balance_at', order_no, 0))::bigint
        end as refund_t,
from preorders;

create table refunds as
with bad as (
    select order_no, bool_or(product_no = getvariable('faulty_product')) as has_faulty,
        sum(amount) as total
    from lines
    group by order_no
),
chosen as (
    select
        o.order_no,
        o.t,
        has_faulty and cycle_week(o.t) in (15, 16) and o.t >= 0 as is_batch,
        not (has_faulty and cycle_week(o.t) in (15, 16)) and u('partial', o.order_no, 0)
            < 0.40 as is_partial,
        o.t + floor(86400 * least(40, 3 * exp(1.0 * z('refund_lag', o.order_no, 0))))::bigint
            + 900 as refund_t,
    from orders as o
    join bad using (order_no)
    where o.is_paid and o.kind in ('sale', 'group_buy')
        and u('refunded', o.order_no, 0) < case
            when has_faulty and cycle_week(o.t) in (15, 16) and o.t >= 0 then 0.20
            else 0.066 end
)
select
    c.order_no, c.t, c.is_batch, c.is_partial, c.refund_t,
    l.line_number, l.product_id, l.quantity,
    -round(case when is_partial then l.amount::double * (0.4 + 0.3 * u('part', c.order_no, 1))
        else l.amount end, 2)
        ::decimal(18, 2) as amount,
    case when is_partial then 0 else -l.cost_amount end::decimal(18, 2) as cost_amount,
from chosen as c
join lines as l on l.order_no = c.order_no and (not c.is_partial or l.line_number = 1)
where refund_t < getvariable('end_t');

create table teams as
select
    order_no,
    't' || g || '_' || plan_week(t) as team_id,
    case when count(*) over (partition by g, plan_week(t)) >= 2
        then max(t) over (partition by g, plan_week(t)) + 60 end as completed_t,
from orders
where kind = 'group_buy';

create table order_rows as
with base as (
    select
        o.order_no, 'o' || padded(o.order_no, 7) as order_id, o.t, o.buyer_id,
            o.names_group, o.g,
        o.kind, o.is_paid, o.campaign_no, o.bonus, o.buyer,
        case
            when o.kind = 'group_buy' or o.names_group then
                case when u('order_channel', o.order_no, 0) < 0.8 then 'group' else 'mini_program'
                    end
            when u('order_channel', o.order_no, 0) < 0.55 then 'store'
            when u('order_channel', o.order_no, 0) < 0.85 then 'mini_program'
            else 'other' end as channel,
        (select member_id from people where people.person = leaders.person) as leader_id,
    from orders as o
    left join leaders on leaders.g = o.g and o.names_group
),
rows as (
    select
        b.order_id, l.line_number, b.t, b.t + 30 + floor(240 * u('pay', b.order_no, 0))::bigint
            as paid_t, b.kind,
        l.product_id, l.quantity, l.amount, l.discount_amount, l.cost_amount,
            null as refund_of_order_id,
        null as preorder_id, null::bigint as due_t, b.bonus, b.order_no,
        case when not b.is_paid then case when u('unpaid', b.order_no, 0) < 0.5 then 'cancelled'
            else 'unpaid' end
            when u('status', b.order_no, 0) < 0.5 then 'completed' else 'paid' end as status,
    from base as b
    join lines as l using (order_no)
    where b.kind <> 'preorder_deposit'
    union all
    select
        b.order_id, 1, b.t, b.t + 30 + floor(240 * u('pay', b.order_no, 0))::bigint,
            'preorder_deposit',
        l.product_id, l.quantity, p.deposit, 0, 0, null, 'pre' || b.order_no, p.due_t, null,
            b.order_no, 'paid'
    from base as b
    join lines as l using (order_no)
    join balances as p using (order_no)
    union all
    select
        b.order_id || 'b', 1, p.balance_t, p.balance_t + 60, 'preorder_balance',
        l.product_id, l.quantity, p.total - p.deposit, 0, p.total_cost, null,
            'pre' || b.order_no, p.due_t, null,
        b.order_no, 'paid'
    from base as b
    join lines as l using (order_no)
    join balances as p using (order_no)
    where p.balance_t < getvariable('end_t') - 60
    union all
    select
        b.order_id || 'r', 1, p.refund_t, p.refund_t, 'refund',
        l.product_id, null, -p.deposit, 0, 0, b.order_id, 'pre' || b.order_no, null, null,
            b.order_no, 'refunded'
    from base as b
    join lines as l using (order_no)
    join balances as p using (order_no)
    where p.refund_t < getvariable('end_t')
    union all
    select
        b.order_id || 'r', row_number() over (partition by r.order_no order by r.line_number)::int,
            r.refund_t,
        r.refund_t, 'refund', r.product_id, case when r.is_partial then null else r.quantity end,
            r.amount, 0,
        r.cost_amount, b.order_id, null, null, null, b.order_no, 'refunded'
    from refunds as r
    join base as b using (order_no)
)
select
    r.order_id,
    r.line_number,
    r.t,
    case when r.status in ('cancelled', 'unpaid') then null
        else least(r.paid_t, getvariable('end_t') - 1) end as paid_t,
    b.buyer_id as member_id,
    case when b.names_group then (select group_id from groups where groups.g = b.g) end as group_id,
    r.kind,
    r.status,
    r.product_id,
    r.quantity,
    r.amount,
    r.discount_amount,
    r.cost_amount,
    r.refund_of_order_id,
    (select campaign_id from campaigns as c where c.campaign_no = b.campaign_no) as campaign_id,
    b.channel,
    b.leader_id,
    r.preorder_id,
    r.due_t,
    r.bonus as bonus_amount,
    t.team_id,
    t.completed_t as team_completed_t,
    b.buyer,
    r.order_no,
from rows as r
join base as b using (order_no)
left join teams as t on t.order_no = r.order_no and r.kind = 'group_buy';

-- Two weeks of orders come again in the next week's file, most with a changed status; a few are
-- by now
-- refunded without a refund row.
create table reexports as
with firsts as (
    select order_id, any_value(t) as t, any_value(kind) as kind, any_value(status) as status,
        any_value(order_no) as order_no
    from order_rows
    where plan_week(t) in (23, 24) and getvariable('weeks') >= 6
    group by order_id
),
silent_refunds as (
    select order_id
    from firsts
    where kind = 'sale' and status in ('paid', 'completed')
        and order_no not in (select order_no from refunds)
    qualify row_number() over (partition by plan_week(t) order by u('silent_refund', order_no, 0),
        order_id)
        <= greatest(1, round(6 * getvariable('scale')))
)
select
    f.order_id,
    plan_week(f.t) as week,
    case when s.order_id is not null then 'refunded'
        when f.status = 'paid' and f.kind <> 'refund' then 'completed'
        else f.status end as new_status,
    f.status as old_status,
from firsts as f
left join silent_refunds as s using (order_id);
