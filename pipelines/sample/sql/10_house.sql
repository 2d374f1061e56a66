-- Posts of the house: staff at four hours, red packets, KOLs, alts and bots. Each first post may
-- be a lever.
create table posts (
    post_no bigint, g bigint, author bigint, t bigint, n bigint, origin varchar, lever varchar,
        lift double,
    product_no int, amount decimal(18, 2)
);

create macro is_on_leave(owner, t) as owner % 46 = 3 and cycle_week(t) in (18, 19, 20);
-- one set of groups changed its owner in week 12
create macro owner_at(block, owner, t) as
    staff_of(block, case when owner = 5 and plan_week(t) < 12 then 10 else owner end);

create table packets as
with planned as (
    select
        g, block, owner, open_t, closes_t, week, k,
        plan_t(week) + 86400 * floor(3.5 * k + 3.5 * u('packet_day', g * 1000 + week, k))::bigint
            as day_t,
        case when u('packet_hour', g * 1000 + week, k) < 0.45 then 12 else 20 end as hour,
        cast(8.8 + round(11.2 * u('packet_amount', g * 1000 + week, k), 1) as decimal(18, 2))
            as amount,
        15 + floor(16 * u('packet_shares', g * 1000 + week, k))::int as shares,
    from groups, range(getvariable('week_shift')::int + 1, 27) as w(week), range(2) as n(k)
    where has_packets and (k = 0 or u('packet_two', g, week) < 0.5)
)
select
    *,
    day_t + hour * 3600 + floor(600 * u('packet_at', g * 1000 + week, k))::bigint as t,
    2.6 * 1.25 * 0.94 ** greatest(0, (day_t + 7 * 86400 - getvariable('end_t')) / (30.4 * 86400)
        + 6) as lift,
from planned
where day_t >= open_t and (closes_t is null or day_t + 86400 < closes_t);

insert into posts
with slots_of_day as (
    select
        g, block, slot, owner, is_over_promoted, open_t, special,
        day, hour,
        day * 86400::bigint + hour * 3600 + case hour when 9 then 1500 else 0 end
            + floor(900 * u('slot', g * 1000 + day, hour))::bigint as t,
        u('slot_kind', g * 1000 + day, hour) as x,
    from groups, range(getvariable('weeks')::int * 7) as d(day), (values (9), (12), (16), (20))
        as h(hour)
    where day * 86400 + 32400 >= open_t and (closes_t is null or (day + 1) * 86400 < closes_t)
        and u('slot_used', g * 1000 + day, hour) < 0.6
        -- a red packet stands alone in its two hours
        and (g, day, hour) not in (select (g, (day_t // 86400)::int, hour) from packets)
        -- a push takes the evening post of its day
        and not (hour = 20 and (g, day) in (select (g, (t // 86400)::int) from pushes))
),
kinds as (
    select
        *,
        case when x < 0.42 then 'notice' when x < 0.62 then 'product' when x < 0.80 then 'image'
            when x < 0.89 then 'link' when x < 0.95 then 'video' when x < 0.985 then 'mini_program'
            else 'checkin' end as lever,
    from slots_of_day
    where not (is_on_leave(owner, t) and u('leave_post', g * 1000 + day, hour) < 0.85)
)
select
    row_number() over (order by t, g), g,
    case when u('who', g * 1000 + day, hour) < 0.6 then owner_at(block, owner, t)
        else staff_of(block, 10 + slot % 36) end,
    t,
    1 + floor(ln(u('follow', g * 1000 + day, hour))
        / ln(1 - 1 / getvariable('staff_mean')))::bigint,
    'staff', lever,
    case lever when 'product' then 1.2 when 'video' then 1.5 when 'mini_program'
        then 1.3 when 'checkin' then 1.4
        else 1.0 end,
    case when lever = 'product' then product_of(u('post_product', g * 1000 + day, hour)) end,
    null
from kinds;

insert into posts
select
    row_number() over (order by t, g) + (select max(post_no) from posts), g,
        owner_at(block, owner, t), t, 1,
    'packet', 'red_packet', lift, null, amount
from packets;

insert into posts
select
    push_no + (select max(post_no) from posts), g, owner_at(block, owner, t), t, 2,
    'push', 'product', 1.2, product_of(u('push_product', g, push_no)), null
from pushes
join groups using (g)
where closes_t is null or t < closes_t;

insert into posts
with planned as (
    select
        k.person, k.g, week, i,
        plan_t(week) + (2 * i + (u('kol_day', k.person, week * 3 + i) < 0.5)::int) * 86400
            + case when u('kol_hour', k.person, week * 3 + i) < 0.5 then 14 else 18 end * 3600
            + floor(900 * u('kol_at', k.person, week * 3 + i))::bigint as t,
        u('kol_kind', k.person, week * 3 + i) as x,
        u('kol_product', k.person, week * 3 + i) as y,
        s.t as from_t,
    from kols as k
    join seats as s on s.person = k.person and s.g = k.g and s.stay = 1,
        range(getvariable('week_shift')::int + 1, 27) as w(week), range(3) as n(i)
)
select
    row_number() over (order by t, g) + (select max(post_no) from posts), g, person, t, 1, 'kol',
    case when x < 0.3 then 'product' when x < 0.7 then 'image' when x < 0.8
        then 'video' else 'notice' end,
    1.8, case when x < 0.3 then product_of(y) end, null
from planned
where t > from_t + 3600;

insert into bursts (g, author, day, t, until_t, n, origin, lever, product_no, amount, post_no)
select g, author, (t // 86400)::int, t, (t // 86400 + 1) * 86400 - 1, n, origin, lever,
    product_no, amount, post_no
from posts;

-- alts and bots
insert into bursts (g, author, day, t, until_t, n, origin)
select
    g, author, day,
    day * 86400::bigint + member_hour(u('alt_at', author * 1000 + day, g)) * 3600
        + floor(3500 * u('alt_min', author * 1000 + day, g))::bigint,
    (day + 1) * 86400::bigint - 1,
    1 + floor(ln(u('alt_n', author * 1000 + day, g)) / ln(0.5))::bigint,
    case when author < -2000000 then 'bot' else 'alt' end,
from house_seats, range(getvariable('weeks')::int * 7) as d(day)
where author < -1000000 and day * 86400 > t and (day + 1) * 86400 <= end_t
    and u('alt_day', author * 1000 + day, g) < case when author < -2000000 then 0.37 else 0.155 end;
