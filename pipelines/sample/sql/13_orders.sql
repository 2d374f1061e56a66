-- Orders and their lines. Times are seconds, buyers are ids as the shop knows them.
create table spends as
with parts as (
    select
        r.*,
        i,
        0.06 + 0.10 * u('spend_part', person, i) as part,
        t + 86400 + floor(88 * 86400 * u('spend_at', person, i))::bigint as spend_t,
    from recharges as r, range(7) as n(i)
),
sums as (
    select
        *,
        round((amount + bonus)::double * part, 2)::decimal(18, 2) as spend,
        sum(part) over (partition by person order by spend_t, i) as used,
    from parts
)
select person, spend_t as t, spend,
    round(spend::double * bonus::double / (amount + bonus)::double, 2)::decimal(18, 2)
        as bonus_part, i
from sums
where used <= 0.97 and spend_t < getvariable('end_t');

-- unknown buyers come through the groups, 14 to 50 % of the orders there
create table walkin_groups as
select
    g, open_t, sum(w) over (order by g) - w as low, sum(w) over (order by g) as high,
        sum(w) over () as total,
from (
    select
        g,
        any_value(open_t) as open_t,
        floor(1000 * any_value(buying) * count(*) filter (where seats.end_t = getvariable('end_t'))
            * any_value((0.14 + 0.36 * u('walkin_share', g, 0) ** 2)
            / (0.86 - 0.36 * u('walkin_share', g, 0) ** 2)))
            ::bigint as w,
    from groups
    join seats using (g)
    where closes_t is null and special <> 'dead'
    group by g
);

create table raw_orders as
select
    'person' as buyer, person, t, origin, campaign_no, forced_g,
    null::decimal(18, 2) as fixed_amount, null::decimal(18, 2) as bonus,
from purchases
union all
select 'person', person, t, 'recharge', null, null, amount, bonus from recharges
union all
select 'person', person, t, 'balance', null, null, spend, bonus_part from spends
union all
-- buyers who are in no group, known by id
select
    'outsider', 1 + floor(u('outsider', i, 0) ** 1.3 * 900 * getvariable('scale'))::bigint,
    floor(getvariable('end_t') * u('outsider_at', i, 0))::bigint // 86400 * 86400
        + member_hour(u('outsider_hour', i, 0)) * 3600
            + floor(3500 * u('outsider_min', i, 0))::bigint,
    'sale', null, null, null, null
from range(round(1400 * getvariable('scale') * getvariable('weeks') / 26)::bigint) as n(i)
union all
-- walk-ins without an id
select
    'unknown', i,
    (open_t // 86400 + 1) * 86400
        + floor((getvariable('end_t') // 86400 - open_t // 86400 - 1)
            * u('walkin_at', i, 0))::bigint * 86400
        + member_hour(u('walkin_hour', i, 0)) * 3600 + floor(3500 * u('walkin_min', i, 0))::bigint,
    'sale', null, g, null, null
from range(round(1000 * getvariable('scale') * getvariable('weeks') / 26)::bigint) as n(i)
join walkin_groups on u('walkin_group', i, 0) * total >= low and u('walkin_group', i, 0) * total
    < high
union all
select
    'staff', -1 - (i % getvariable('staff_count')::int),
    floor(getvariable('end_t') * u('staff_order_at', i, 0))::bigint // 86400 * 86400 + 43200 + i
        * 60,
    'sale', null, null, null, null
from range(greatest(1, round(15 * getvariable('scale')))::bigint) as n(i);

create table orders as
with seated as (
    -- the group an order comes from: the buyer's latest open seat
    select
        o.*,
        (select max_by(s.g, (s.t, s.g)) from seats as s where o.buyer = 'person' and s.person
            = o.person and s.t <= o.t and s.end_t > o.t) as seat_g,
        row_number() over (order by o.t, buyer, person, origin, campaign_no, bonus, forced_g) as order_no,
    from raw_orders as o
),
part_of as (
    -- a participant's order inside the campaign belongs to it
    select o.order_no, min(p.campaign_no) as campaign_no, min_by(p.g, p.campaign_no) as g
    from seated as o
    join participants as p on p.person = o.person and p.campaign_type <> 'checkin'
    where o.buyer = 'person' and o.origin = 'sale' and o.t >= p.start_t and o.t < p.end_t
    group by o.order_no
),
drawn as (
    select
        s.order_no, s.buyer, s.person, s.t, s.origin, s.fixed_amount, s.bonus,
        coalesce(s.campaign_no, p.campaign_no) as campaign_no,
        coalesce(s.forced_g, p.g, s.seat_g) as g,
        u('order_kind', s.order_no, 0) as x,
        u('order_state', s.order_no, 0) as y,
    from seated as s
    left join part_of as p using (order_no)
)
select
    d.*,
    case
        when origin = 'recharge' then 'recharge' when origin = 'balance' then 'balance_spend'
        when buyer = 'person' and d.campaign_no is null and x < 0.095
            and t >= 0 then 'preorder_deposit'
        when buyer = 'person' and x > 0.95 and d.g is not null then 'group_buy'
        else 'sale'
    end as kind,
    -- one in fifty is never paid
    origin in ('recharge', 'balance', 'campaign') or y >= 0.02 or x < 0.095 as is_paid,
    case when d.campaign_no is not null then c.campaign_type end as campaign_type,
    case
        when d.g is null or gr.special = 'dead' then false
        when buyer = 'unknown' or d.campaign_no is not null or x > 0.95 then true
        else u('order_group', order_no, 0) < 0.55
    end and t >= 0 as names_group,
    case
        when buyer in ('person', 'staff')
            then (select member_id from authors where author = d.person)
        when buyer = 'outsider' then external_id(800000000000 + d.person)
    end as buyer_id,
    gr.group_type,
from drawn as d
left join groups as gr using (g)
left join campaigns as c on c.campaign_no = d.campaign_no;

-- some buyers are known to the shop by another id
update orders set buyer_id = people.alias_id
from people
where people.person = orders.person and orders.buyer = 'person' and people.alias_id is not null
    and u('by_alias', orders.order_no, 0) < 0.5;

create table lines as
with shaped as (
    select
        *,
        case when kind = 'preorder_deposit' then 1 when origin in ('recharge', 'balance') then 1
            else 2 + (u('lines', order_no, 0) < 0.36)::int end as line_count,
        case
            when origin in ('recharge', 'balance') or kind = 'preorder_deposit' then 0
            when u('discounted', order_no, 0) < case when campaign_no is not null
                then 0.75 else 0.32 end
                then case when campaign_type = 'other' then 0.15 + 0.20 * u('discount', order_no, 0)
                    else 0.04 + 0.16 * u('discount', order_no, 0) end
            else 0
        end as discount,
        u('freight', order_no, 0) < 0.3 as has_freight,
    from orders
),
chosen as (
    select
        s.*,
        line_number,
        case when origin = 'recharge' then null
            when line_number = 1 and buyer = 'person' and u('repeat_product', order_no, 0) < 0.15
                then product_of(u('favourite', person, 0))
            else product_of(u('product', order_no, line_number)) end as product_no,
        case
            when kind = 'preorder_deposit' then 3
            when u('quantity', order_no, line_number) < 0.80 then 1
            when u('quantity', order_no, line_number) < 0.92 then 2
            when u('quantity', order_no, line_number) < 0.97 then 3 else 8 end as quantity,
    from shaped as s, range(1, 4) as n(line_number)
    where line_number <= line_count
),
priced as (
    select
        c.*, p.product_id, p.price, p.is_cost_known,
        case when origin in ('recharge', 'balance') then fixed_amount
            else (p.price * quantity)::decimal(18, 2) end as gross,
        round((case when origin in ('recharge', 'balance') then fixed_amount else p.price
            * quantity end)::double * p.cost_ratio, 2)::decimal(18, 2) as cost,
    from chosen as c
    left join products as p using (product_no)
)
select
    order_no, line_number::int as line_number, product_no, product_id,
    case when origin in ('recharge', 'balance') then 1 else quantity end::int as quantity,
    round(gross::double * discount, 2)::decimal(18, 2) as discount_amount,
    (gross - round(gross::double * discount, 2)::decimal(18, 2)
        + case when line_number = 1 and has_freight and origin not in ('recharge', 'balance')
        and kind <> 'preorder_deposit' then 6 else 0 end)::decimal(18, 2) as amount,
    case when is_cost_known and origin <> 'recharge' then cost end as cost_amount,
from priced;
