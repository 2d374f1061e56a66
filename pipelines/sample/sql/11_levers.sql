-- What the levers add: posters beyond the expected ones in the post's hour and the next.
create table hours as
with counted as (
    select member_hour((i + 0.5) / 4000) as hour, count(*) as n
    from range(4000) as r(i)
    group by 1
)
select hour, n / 4000.0 as share from counted;

-- hours an active member is seen in per active day; a session that runs over the hour counts twice
create table spread as
select count(distinct (g, author, day, h)) / count(distinct (g, author, day))::double
    as hours_per_day
from (
    select g, author, day,
        unnest([t // 3600, least(t + least(240 * (n - 1), 1500), until_t) // 3600]) as h
    from bursts
    where origin = 'chat'
);

create table packet_only as
select person, g, t as from_t, end_t, count(*) over (partition by g) as people
from seats
join groups using (g)
where has_packets and is_silent(person, g, group_type) and u('packet_only', person, g) < 0.10;

insert into bursts (g, author, day, t, until_t, n, origin, post_no)
with lever_posts as (
    select
        posts.*,
        (t // 86400)::int as day,
        (select sum(share) from hours where hour in ((t // 3600) % 24, (t // 3600 + 1) % 24))
            as share,
    from posts
    join groups using (g)
    where lift > 1 and is_lively
),
usual as (
    select
        p.post_no, p.g, p.t, p.day, p.lift, p.lever, k.person,
        day_chance(k.rate, k.since, p.day, k.special, k.hush_t, k.is_invited) * p.share
            * (select hours_per_day from spread) as chance,
    from lever_posts as p
    join talkers as k on k.g = p.g and k.from_t < p.t and k.end_t > p.t + 7200
),
expected as (
    select post_no, sum((chance * 1e9)::bigint) / 1e9 as posters from usual group by post_no
),
moved as (
    select post_no, g, person, t
    from usual
    where u('lever', post_no, person)
        < (lift - 1) * chance / (1 - 0.6 * chance) * getvariable('lever_factor')
            * case lever when 'red_packet' then 0.75 else 1 end
    union all
    -- a quarter of those who post after a packet are seen only then
    select p.post_no, p.g, o.person, p.t
    from lever_posts as p
    join expected using (post_no)
    join packet_only as o on o.g = p.g and o.from_t < p.t and o.end_t > p.t + 7200
    where p.lever = 'red_packet'
        and u('lever', p.post_no, o.person)
            < least(0.9, 0.5 * (p.lift - 1) * expected.posters * getvariable('lever_factor')
                / o.people)
)
select
    g, person, (t // 86400)::int,
    t + 30 + floor(((t // 3600 + 2) * 3600 - t - 60) * u('lever_at', post_no, person)
        ** 1.5)::bigint,
    (t // 3600 + 2) * 3600 - 1,
    1, 'answer', post_no
from moved;

-- Campaigns: who takes part. Talkers post a chain entry, some of the silent open the mini-program.
create table participants as
with eligible as (
    select
        c.campaign_no, c.campaign_type, c.start_t, c.end_t, c.share, s.person, s.g, gr.group_type,
    from campaigns as c
    join seats as s on s.t < c.start_t + 86400 and s.end_t > c.start_t + 172800
    join groups as gr using (g)
    where c.campaign_type in ('flash_sale', 'other', 'checkin') and gr.is_lively
        and not gr.is_never_archived
        and gr.group_type <> 'flash' and (c.campaign_type <> 'checkin' or u('checkin_group', g, 0)
            < 0.5)
        and s.person not in (select person from kols)
)
select
    campaign_no, campaign_type, person, g, start_t, end_t,
    is_silent(person, g, group_type) as is_silent,
    start_t + floor(least(expo('campaign_day', person, campaign_no) * 1.9, 6.4) * 86400)::bigint
        as day_t,
    -- who only buys, in hash order, so that every participant leaves a trace
    u('campaign_buys', person, campaign_no) < case campaign_type when 'other'
        then 0.42 when 'checkin' then 0
        else 0.28 end as buys,
from eligible
where u('takes_part', person, campaign_no) < 1.08 * share
qualify row_number() over (partition by campaign_no, person order by u('campaign_seat', person, g))
    = 1;

insert into bursts (g, author, day, t, until_t, n, origin, campaign_no)
select
    g, person, (at_t // 86400)::int, at_t, (at_t // 86400 + 1) * 86400 - 1, 1,
    case when is_silent then 'tap' else 'chain' end,
    campaign_no
from (
    select
        *,
        (day_t // 86400) * 86400 + member_hour(u('campaign_hour', person, campaign_no)) * 3600
            + floor(3500 * u('campaign_min', person, campaign_no))::bigint as at_t,
    from participants
    where campaign_type <> 'checkin' and not (is_silent and buys)
) as p
where exists (
    select 1 from seats as s where s.person = p.person and s.g = p.g and s.t < p.at_t
        and s.end_t > p.at_t
);

-- check-ins: a streak that breaks on each day with one chance in ten
insert into bursts (g, author, day, t, until_t, n, origin, campaign_no)
select
    p.g, p.person, day, day_t, day_t + 60, 1, 'checkin', campaign_no
from (
    select
        *,
        unnest(range(least(21, 1 + floor(ln(u('streak', person, campaign_no)) / ln(0.9))::int)))
            as k,
        (start_t // 86400)::int + k as day,
        day::bigint * 86400 + 6 * 3600
            + floor(5 * 3600 * u('checkin_at', person, campaign_no * 32 + k))::bigint
            as day_t,
    from (select * exclude (day_t) from participants where campaign_type = 'checkin')
) as p
where exists (
    select 1 from seats as s where s.person = p.person and s.g = p.g and s.t < p.day_t
        and s.end_t > p.day_t
);

-- a dead group still sees an advertisement now and then, the last a month before the end
insert into bursts (g, author, day, t, until_t, n, origin)
select g, person, (t // 86400)::int, t, t + 60, 1, 'ad'
from (
    select s.g, s.person, plan_t(week) + floor(604800 * u('ad', s.g, week))::bigint as t,
        s.t as from_t, s.end_t
    from seats as s
    join groups using (g), (values (14), (18), (22)) as w(week)
    where special = 'dead'
    qualify row_number() over (partition by s.g, week order by u('advertiser', s.person, week),
        s.t) = 1
)
where t > from_t and t < end_t and t >= 0;

-- Seven people complain about one product within a day, in two groups.
create table complaints as
select
    s.g, s.person,
    plan_t(16) + 2 * 86400 + 36000 + floor(9 * 3600 * u('complain_at', s.person, s.g))::bigint as t,
from seats as s
join groups as gr using (g)
join people using (person)
where is_big and not people.refuses and not is_silent(s.person, s.g, gr.group_type)
    and s.t < plan_t(16) and s.end_t > plan_t(17) and plan_t(16) >= 0
    and s.person not in (select person from kols)
qualify row_number() over (partition by s.g order by u('complainer', s.person, s.g), s.stay) <= 7;

insert into bursts (g, author, day, t, until_t, n, origin, product_no)
select g, person, (t // 86400)::int, t, t + 60, 1, 'complaint', getvariable('faulty_product')::int
from complaints;

-- Messages of people who refuse the archive are never exported. Numbers name the bursts.
create table numbered_bursts as
select
    row_number() over (order by b.day, b.t, b.g, b.author, b.origin, b.post_no, b.n, b.campaign_no)
        as burst_no,
    b.*,
    not coalesce(p.refuses, false)
    and not gr.is_never_archived
    and not (gr.lacks_last_week and b.day >= getvariable('weeks')::int * 7 - 7)
    and not (gr.has_gap_week and plan_week(b.day * 86400::bigint) = 12) as is_exported,
from bursts as b
join groups as gr using (g)
left join people as p on p.person = b.author;
drop table bursts;
alter table numbered_bursts rename to bursts;
