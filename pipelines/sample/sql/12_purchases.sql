-- Who buys when: first orders by source, then BG/NBD (gamma rates, beta dropouts).
create table customers as
with drawn as (
    select
        person, t, end_t, origin, has_dead_group, has_dying_group, buying, is_talker,
        case origin
            when 'invited' then 0.10
            else case scene when 'direct' then 0.32 when 'link' then 0.18 else 0.24 end
        end * buying * case when is_talker then 1.35 else 0.92 end
        * case when channel = 'partner:B'
            then 0.25 else 1 end * getvariable('first_factor') as chance_30d,
        origin = 'day0' and u('customer', person, 0) < 0.5 * least(1, 0.3 + buying)
            as is_old_customer,
        origin <> 'day0' and u('former', person, 0) < 0.08 as is_former,
    from people
)
select
    *,
    case
        when is_old_customer then -floor(180 * 86400 * u('first', person, 0))::bigint
        when is_former then t - 3600 - floor(120 * 86400 * u('first', person, 0))::bigint
        when origin = 'day0' then floor(expo('first', person, 0) / (0.007 * buying)
            * 604800)::bigint
        when u('buys_30d', person, 0) < chance_30d
            then t + 1200 + floor(-8 * ln(1 - u('first', person, 0) * (1 - exp(-30 / 8.0)))
                * 86400)::bigint
        else t + 30 * 86400 + floor(expo('first', person, 0) / (0.004 * buying) * 604800)::bigint
    end as first_t,
    (getvariable('gamma_list'))[1 + floor(u('lambda', person, 0) * 4096)::int]
        * getvariable('rate_factor') * (0.4 + 0.6 * buying) as rate,
    (getvariable('beta_list'))[1 + floor(u('dropout', person, 0) * 4096)::int] as dropout,
    not is_old_customer or u('history', person, 0) < 0.60 as has_history,
from drawn;

create table purchases as
with candidates as (
    select
        person, t, end_t, first_t, dropout, has_dead_group, has_dying_group, has_history, k,
        case when k = 0 then 0 else
            1800 + ceil(expo('wait', person, k) / (rate * 1.5) * 604800)::bigint end as wait,
    from (
        select customers.*, unnest(range(least(400, 8 + 3 * ceil(
            rate * 1.5 * (getvariable('end_t') - first_t) / 604800))::int)) as k
        from customers
        where first_t < getvariable('end_t')
    )
),
timed as (
    select *, first_t + sum(wait) over (partition by person order by k) as at_t
    from candidates
),
accepted as (
    select *
    from timed
    where at_t < getvariable('end_t')
        and (k = 0 or u('accept_order', person, k)
            < case when at_t < 0 then 1.0 when cycle_week(at_t::bigint) in (3, 8, 12, 17, 22, 19)
            then 1.5 when cycle_week(at_t::bigint) = 20 then 0.8 else 1.0 end
            * case when at_t > end_t then 0.35 else 1.0 end / 1.5)
),
alive as (
    select *, coalesce(sum((u('drop', person, k) < dropout)::int) over (
        partition by person order by k rows between unbounded preceding and 1 preceding),
            0) = 0 as is_alive
    from accepted
)
select person, at_t::bigint as t, 'sale' as origin, null::bigint as campaign_no,
    null::bigint as forced_g
from alive
where is_alive
    and (at_t >= 0 or (has_history and at_t >= -90 * 86400))
    -- the members of a dead group no longer buy
    and not (has_dead_group and at_t > getvariable('end_t') - 24 * 86400)
    -- and those of a dying one less and less
    and not (has_dying_group and at_t > getvariable('end_t') - 32 * 86400
        and u('dying_buyer', person, 0) < 0.5);

-- orders of campaign participants
insert into purchases
select
    p.person,
    (day_t // 86400) * 86400 + member_hour(u('order_hour', p.person, campaign_no)) * 3600
        + floor(3500 * u('order_min', p.person, campaign_no))::bigint,
    'campaign', campaign_no, p.g
from participants as p
join people using (person)
where buys and not has_dead_group and day_t < p.end_t - 86400;

-- two quiet groups that still buy do so to the end
insert into purchases
select s.person, getvariable('end_t') - 86400 * (2 + 5 * i) + 3600 * 12
    + floor(6 * 3600 * u('kept', s.person, i))::bigint, 'sale', null, s.g
from seats as s
join groups using (g)
join people using (person), range(2) as n(i)
where special = 'quiet_buyer' and s.end_t = getvariable('end_t') and not has_dead_group
    and s.t < getvariable('end_t') - 40 * 86400
qualify row_number() over (partition by s.g, i order by u('keeper', s.person, i), s.t) = 1;

-- Stored value: who recharges, and the purchases that eat it up.
create table recharges as
select
    person, t + 1800 as t, amount, bonus, row_number() over (order by t, person) as recharge_no,
from (
    select
        person,
        min(purchases.t) filter (where purchases.t >= 0) as t,
        case when u('recharge', person, 1) < 0.5 then 200 when u('recharge', person, 1)
            < 0.8 then 500 else 1000 end
            ::decimal(18, 2) as amount,
        (case when u('recharge', person, 1) < 0.5 then 20 when u('recharge', person, 1)
            < 0.8 then 75 else 200 end)
            ::decimal(18, 2) as bonus,
    from purchases
    join people using (person)
    where u('recharge', person, 0) < 0.035 and not has_dead_group
    group by person
)
where t is not null;
