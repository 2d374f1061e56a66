-- Bursts: one row per author, group and session; each is expanded to its messages when the files
-- are written.
create table bursts (
    g bigint, author bigint, day int, t bigint, until_t bigint, n bigint, origin varchar,
        lever varchar,
    product_no int, campaign_no bigint, amount decimal(18, 2), post_no bigint
);

create macro weekday_factor(day) as
    [0.90, 0.92, 0.95, 1.20, 1.00, 1.12, 0.98][1 + ((day::int % 7 + 7) % 7)];
create macro newcomer_factor(t, day, since) as
    case when since < 0 then 1 else 1 + 1.6 * exp(-greatest(day * 86400 - since, 0) / 604800.0
        / 1.2) end;
-- How loud a group still is: dead and dying ones fall silent, quiet ones never were loud.
create macro hush(special, hush_t, t) as case special
    when 'dead' then case when t > hush_t + 50 * 86400 then 0
        else 0.5 ** (greatest(t - hush_t, 0) / 86400.0 / 9) end
    when 'dying' then greatest(0.12, 0.5 ** (greatest(t - hush_t, 0) / 86400.0 / 28))
    when 'quiet_seller' then 0.25
    when 'quiet_buyer' then case when plan_week(t) >= 21 then 0 else 0.3 end
    else 1.0 end;
create macro day_chance(rate, since, day, special, hush_t, is_invited)
    as least(0.93, rate / 7 * weekday_factor(day) * newcomer_factor(0, day, since)
    * hush(special, hush_t, day * 86400) * case when cycle_week(day * 86400) = 15 then 0.6 else 1.0
    end * case when is_invited then 0.6 else 1.0 end);
-- Hours people talk in: peaks at 12-13 and 20-22.
set variable hour_list = (
    select list(hour order by hour)
    from (
        select hour - 1 as hour, unnest(range(n))
        from (
            select
                unnest([2, 1, 0, 0, 0, 0, 2, 4, 7, 8, 8, 10, 16, 14, 8, 7, 8, 9, 11, 14, 20, 22,
                    17, 6]) as n,
                generate_subscripts([2, 1, 0, 0, 0, 0, 2, 4, 7, 8, 8, 10, 16, 14, 8, 7, 8, 9, 11,
                    14, 20, 22, 17, 6], 1) as hour
        )
    )
);
create macro member_hour(x) as pick(getvariable('hour_list')::int[], x);

create table talkers as
with rated as (
    select
        s.person,
        s.g,
        s.stay,
        s.t as since,
        greatest(s.t, 0) as from_t,
        s.end_t,
        gr.group_type,
        gr.special,
        gr.hush_t,
        gr.is_lively,
        s.origin = 'invited' as is_invited,
        talk_rate(s.person, s.g, gr.group_type) * getvariable('talk_factor') as rate,
        s.end_t = getvariable('end_t') and s.t < getvariable('end_t') - 45 * 86400 as is_lasting,
        count(*) filter (where s.end_t = getvariable('end_t')) over (partition by s.g) as members,
    from seats as s
    join groups as gr using (g)
    where not is_silent(s.person, s.g, gr.group_type)
        and (s.person, s.g) not in (select (person, g) from kols)
)
select
    * replace (
        -- every lively group has a few regulars
        case when is_lively and is_lasting and row_number() over (
            partition by g order by is_lasting desc, rate desc, person, stay) <= 1 + 0.03 * members
            then greatest(rate, 1.4) else rate end as rate
    ),
from rated;

insert into bursts (g, author, day, t, until_t, n, origin)
with active as (
    select
        person, g, stay, day, end_t,
        greatest(from_t, day * 86400::bigint) as low,
        1 + floor(ln(u('messages', person * 512 + day, g))
            / ln(1 - 1 / case group_type when 'interest' then 3.2 when 'vip' then 3.0
            when 'selling' then 2.8 else 2.6 end))::bigint as n,
    from (
        select talkers.*, unnest(range(from_t // 86400, (end_t - 1) // 86400 + 1))::int as day
        from talkers
    )
    where u('active', person * 512 + day, g * 8 + stay)
        < day_chance(rate, since, day, special, hush_t, is_invited)
),
sessions as (
    select
        *,
        (n + k) // (1 + (n >= 4)::int + (n >= 9)::int) as session_n,
        day * 86400::bigint + member_hour(u('hour', person * 512 + day, g * 8 + k)) * 3600
            + floor(3600 * u('minute', person * 512 + day, g * 8 + k))::bigint as at_t,
    from active, range(3) as s(k)
    where k <= (n >= 4)::int + (n >= 9)::int
)
select
    g, person, day,
    -- a join or a leave on the day itself bounds the session
    case when at_t between low and end_t - 2 then at_t
        else low + floor((least((day + 1) * 86400::bigint, end_t) - low - 1)
            * u('inside', person * 512 + day, g * 8 + k))::bigint
    end,
    least((day + 1) * 86400::bigint, end_t) - 1,
    session_n,
    'chat',
from sessions
where end_t - 60 > low;

-- At most so many people speak in a week of a group that is quiet, dying or only buys.
create table caps as
select
    g, week,
    floor(case any_value(special) when 'dying' then 0.026 else 0.019 end * min(n))::int as posters,
from (
    select g, special, week, edge, count(*) filter (where s.t <= edge_t and s.end_t > edge_t) as n
    from groups
    join seats as s using (g),
        (select week, edge, plan_t(week) + edge * 604800 as edge_t
            from range(getvariable('week_shift')::int + 1, 27) as w(week), range(2) as e(edge))
    where special in ('quiet_seller', 'quiet_buyer') or (special = 'dying' and week >= 21)
    group by all
)
group by g, week;

delete from bursts
using (
    select g, author, week
    from (
        select distinct b.g, b.author, c.week, c.posters
        from bursts as b
        join caps as c on c.g = b.g and c.week = plan_week(b.day * 86400::bigint)
    )
    qualify row_number() over (partition by g, week order by u('cap', author, week), author)
        > any_value(posters)
        over (partition by g, week)
) as hushed
where bursts.g = hushed.g and bursts.author = hushed.author
    and plan_week(bursts.day * 86400::bigint) = hushed.week;
