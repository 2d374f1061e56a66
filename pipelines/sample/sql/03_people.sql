-- Who is there on day 0 and who comes by themselves; a draft of a seat each (one person in one
-- group).
create table draft (
    person bigint, g bigint, stay int, t bigint, scene varchar, channel varchar, origin varchar,
    inviter bigint, campaign_no bigint, early double, is_pinned boolean
);
create table seats (
    person bigint, g bigint, stay int, t bigint, scene varchar, channel varchar, origin varchar,
    inviter bigint, campaign_no bigint, leave_t bigint, exit_kind varchar, end_t bigint
);

create macro early_of(scene, channel) as case
    when channel = 'partner:B' then 0.28
    when channel = 'fission' then 0.20
    else case scene when 'direct' then 0.06 when 'link' then 0.15 else 0.115 end
end;

-- day 0: survivors of earlier months, known from the first member list only
create table day0 as
select
    row_number() over (order by g, i) as person,
    g,
    created_t + floor(-created_t * u('day0', g, i))::bigint as t,
from (
    select g, created_t, unnest(range(round(
        case
            when size0 > 0 then size0
            -- opened by the plan before the first generated day
            else rate * 8 + burst * 2
        end
    )::bigint)) as i
    from groups
    where created_t < 0 and (closes_t is null or closes_t > 0)
);

-- organic arrivals: exponential gaps within each group and week
create table organic as
with rates as (
    select
        g,
        week,
        greatest(plan_t(week), open_t) as from_t,
        plan_t(week) + 604800 as to_t,
        case
            when group_type = 'flash' then burst * exp(-greatest(plan_t(week) - open_t, 0)
                / 604800.0 / 0.5)
            else rate + burst * exp(-greatest(plan_t(week) - open_t, 0) / 604800.0 / 2.2)
        end * getvariable('arrivals') as per_week,
    from groups, range(getvariable('week_shift')::int + 1, 27) as w(week)
    where plan_t(week) + 604800 > open_t and (closes_t is null or closes_t > plan_t(week))
),
gaps as (
    select
        g,
        week,
        i,
        from_t,
        to_t,
        ceil(expo('gap', g * 1000 + week + 500, i) / per_week * 604800)::bigint as gap,
    from rates, range(200) as n(i)
    where i < 2.5 * per_week + 12
),
arrived as (
    select g, week, i, to_t, from_t + sum(gap) over (partition by g, week order by i) as t
    from gaps
)
select
    row_number() over (order by t, g, i) + (select count(*) from day0) as person,
    g,
    t::bigint as t,
from arrived
join groups using (g)
where t < to_t and (closes_t is null or t < closes_t - 86400);

insert into draft
select person, g, 1, t, 'unknown', null, 'day0', null, null, 0, false
from day0
union all
select
    person,
    g,
    1,
    t,
    scene,
    channel,
    'organic',
    null,
    null,
    early_of(scene, channel),
    false,
from (
    select
        person,
        g,
        t,
        case when x < 0.66 then 'qr' when x < 0.88 then 'direct' else 'link' end as scene,
        case
            when y < 0.437 then 'store_desk' when y < 0.598
                then 'parcel_card' when y < 0.713 then 'livestream'
            when y < 0.782 then 'partner:A' when y < 0.828 then 'partner:B' else 'staff'
        end as channel,
    from (select *, u('scene', person, g) as x, u('channel', person, g) as y from organic)
);

-- people who sit in two or three groups
insert into draft
with weights as (
    select
        g,
        open_t,
        coalesce(closes_t, 9e15::bigint) as closes_t,
        sum(weight) over (order by g) - weight as low,
        sum(weight) over (order by g) as high,
        sum(weight) over () as total,
    from (
        select *, case when is_big then 60 when size0 > 0 then size0 else 60 end as weight
        from groups
        where special not in ('flash', 'dead', 'merged') and group_type <> 'seed'
    )
),
wishes as (
    select d.person, d.g as first_g, d.t as first_t, d.origin, k, u('second', d.person, k) as x
    from draft as d, (values (2), (3)) as n(k)
    where u('overlap', d.person, 0) < case k when 2 then 0.112 else 0.024 end
),
placed as (
    select
        person,
        first_g,
        w.g,
        k,
        origin,
        case
            when origin = 'day0' and open_t = 0 then least(first_t + 86400 * 20, -86400
                - floor(x * 864000)::bigint)
            else greatest(first_t, open_t) + 3600
                + floor(expo('second_at', person, k) * 3 * 604800)::bigint
        end as t,
        closes_t,
    from wishes
    join weights as w on x * w.total >= w.low and x * w.total < w.high
),
latest as (
    select * from placed
    where g <> first_g and t < least(closes_t, getvariable('end_t'))
    qualify row_number() over (partition by person, g order by k) = 1
)
select
    person, g, 1, t,
    case when t < 0 then 'unknown' when u('scene', person, g) < 0.5 then 'direct' else 'qr' end,
    case when t < 0 then null when u('scene', person, g) < 0.5 then 'staff' else 'store_desk' end,
    'overlap', null, null, case when t < 0 then 0 else 0.05 end, false
from latest;

-- Who never talks in a group, and how many active days a week the others have there.
create macro never_talks(group_type) as case group_type
    when 'interest' then 0.33 when 'vip' then 0.38 when 'seed' then 0.20 when 'flash' then 0.60
    when 'leader' then 0.40 else 0.50 end;
create macro is_silent(person, g, group_type) as u('silent', person, g) < never_talks(group_type);
create macro talk_rate(person, g, group_type) as least(6.5, exp(
    case group_type when 'interest' then -1.6 when 'vip' then -1.6 when 'seed'
        then -1.4 when 'leader' then -2.0
        else -2.6 end
    + case group_type when 'vip' then 1.1 when 'interest' then 1.3 when 'seed' then 1.2 else 1.4 end
        * z('rate', person, g)
));
