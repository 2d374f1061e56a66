-- What the truth is counted from: plain facts of the generated people, in seconds. Not the
-- project's models.
create macro end_t() as getvariable('end_t')::bigint;
-- the weeks 0, 1, … of the generated time
create macro week_of(t) as floor(t / 604800.0)::int;
create macro days(n) as n * 86400;
-- a cohort is mature when its last joiner had the whole window
create macro is_mature(week, n) as (week + 1) * 604800 + days(n) <= end_t();
create macro is_exit(kind) as kind in ('leave', 'kick');

-- time in any group; gaps of up to 24 hours are no gap
create table true_spells as
with marked as (
    select
        person, t, end_t, exit_kind,
        t - max(end_t) over (partition by person order by t, end_t, g,
            stay rows between unbounded preceding and 1 preceding) as gap,
    from (select seats.* from seats)
),
numbered as (
    select *, sum((gap is null or gap > 86400)::int) over (partition by person order by t,
        end_t rows between unbounded preceding and current row) as spell
    from marked
)
select person, spell, min(t) as t, max(end_t) as end_t, max_by(exit_kind, end_t) as exit_kind
from numbered
group by person, spell;

-- orders that count as paid, at the paying time, with their whole amounts
create table true_orders as
select
    order_no, any_value(buyer) as buyer, any_value(member_id) as member_id, min(paid_t) as paid_t,
    any_value(kind) as kind, sum(amount) as amount, any_value(bonus_amount) as bonus,
    any_value(group_id) as group_id, any_value(campaign_id) as campaign_id,
        sum(discount_amount) as discount,
from order_rows
where kind in ('sale', 'group_buy', 'balance_spend', 'preorder_deposit') and paid_t is not null
group by order_no;
alter table true_orders add column person bigint;
update true_orders set person = orders.person
from orders where orders.order_no = true_orders.order_no and orders.buyer = 'person';

-- every time a member was active, as exported
create table true_activity as
select author as person, first_t as t, what from author_hours
union all
select person, paid_t, 'order' from true_orders where person is not null and paid_t >= 0;

create table true_cohorts as
select
    p.person, p.origin, p.t, week_of(p.t) as week, s.end_t, s.exit_kind,
    exists (select 1 from true_orders as o where o.person = p.person and o.paid_t < p.t)
        as was_customer,
    coalesce(p.origin = 'invited', false) as is_invited,
    p.person in (select invitee from invites where origin = 'farmed') as is_farmed,
from people as p
join true_spells as s on s.person = p.person and s.spell = 1
where p.t >= 0;

create table true_seats as
select s.*, gr.group_type, gr.group_id, p.refuses, p.member_id
from seats as s
join groups as gr using (g)
join people as p using (person)
where s.end_t = end_t();

-- who of the covered groups' members talked and bought
create table true_talk as
with hours as (
    select
        g,
        author as person,
        bool_or(first_t >= end_t() - days(7)) as talks_7d,
        bool_or(first_t >= end_t() - days(30)) as talks_30d,
    from author_hours
    where what = 'post'
    group by all
)
select
    s.* exclude (leave_t, exit_kind, channel, scene),
    coalesce(talks_7d, false) as talks_7d,
    coalesce(talks_30d, false) as talks_30d,
    s.person in (select person from true_orders where person is not null and paid_t >= end_t()
        - days(30)) as buys_30d,
from true_seats as s
join groups using (g)
left join hours using (g, person)
where not is_never_archived and not lacks_last_week;

-- one group per order: its own, else the only one the buyer sits in when paying
create table true_order_groups as
select
    o.order_no, o.person, o.paid_t, o.amount,
    case when o.group_id is not null then o.group_id
        else (select case when count(distinct s.g) = 1 then any_value(gr.group_id) end
            from seats as s join groups as gr using (g) where s.person = o.person and s.t
            <= o.paid_t and s.end_t > o.paid_t) end
        as group_id,
from true_orders as o;

create table true_groups as
with weeks as (
    select groups.g, w, count(distinct h.author) as posters
    from groups
    cross join range(4) as n(w)
    left join author_hours as h on h.g = groups.g and h.what = 'post'
        and h.first_t >= end_t() - (w + 1) * 604800 and h.first_t < end_t() - w * 604800
    group by all
),
sizes as (
    select g, w, count(*) as members
    from seats, range(4) as n(w)
    where seats.t < end_t() - w * 604800 and seats.end_t >= end_t() - w * 604800
    group by all
),
quiet as (
    select w.g, bool_and(w.posters < 0.03 * s.members) as is_quiet,
        max(w.posters / s.members) as highest,
    from weeks as w
    join sizes as s using (g, w)
    group by w.g
),
counted as (
    select
        gr.g, gr.group_id, gr.group_type, gr.special, gr.created_t, gr.closes_t,
        gr.is_never_archived or gr.lacks_last_week as is_unknown,
        (select count(distinct person) from true_seats as s where s.g = gr.g) as members,
        (select count(distinct s.person) from true_seats as s join true_orders as o using (person)
            where s.g = gr.g and o.paid_t >= end_t() - 30 * 86400) as buyers_30d,
        (select count(distinct s.person) from true_seats as s join author_hours as h on h.author
            = s.person and h.g = s.g and h.what = 'post' and h.first_t >= end_t() - 604800
            where s.g = gr.g) as posters_7d,
        (select coalesce(sum(messages), 0) from author_days as d where d.g = gr.g and d.author > 0
            and d.day >= end_t() // 86400 - 14) as member_messages_14d,
        (select count(*) from true_order_groups as o where o.group_id = gr.group_id and o.paid_t >=
            end_t() - 14 * 86400) as paid_orders_14d,
        coalesce(quiet.is_quiet, true) as is_quiet,
        quiet.highest,
    from groups as gr
    left join quiet on quiet.g = gr.g
    where gr.closes_t is null or gr.closes_t >= end_t()
),
rated as (
    select *, buyers_30d / nullif(members, 0) as conversion,
        median(buyers_30d / nullif(members, 0)) over (partition by group_type) as type_median,
    from counted
)
select
    *,
    case
        when is_unknown then 'unknown'
        when created_t > end_t() - 30 * 86400 or members < 10 then 'new'
        when member_messages_14d = 0 and paid_orders_14d = 0 then 'dead'
        when posters_7d < 0.03 * members and conversion > 0
            and conversion >= type_median then 'quiet_seller'
        when coalesce(conversion < type_median or conversion = 0, true) and is_quiet then 'dying'
        else 'watch or healthy'
    end as state,
from rated;

-- What a lever lifts: posters of its hour and the next, against the group's level of the eight
-- weeks before
-- and its type's profile over the hours of the week, hours with a lever left out.
create table true_levers as
with hours_all as (
    select gr.g, gr.group_type, h::bigint as hour, (h % 168)::int as how
    from groups as gr, range(getvariable('weeks')::int * 168) as n(h)
    where h * 3600 >= gr.open_t and (gr.closes_t is null or h * 3600 < gr.closes_t) and gr.is_lively
        and not gr.is_never_archived and not (gr.has_gap_week and plan_week(h * 3600) = 12)
        and not (gr.lacks_last_week and h * 3600 >= end_t() - 604800)
),
levered as (
    select distinct g, unnest([t // 3600, t // 3600 + 1]) as hour from posts
    where lever <> 'notice' or origin = 'kol'
),
posters as (
    select hour, g, count(distinct author) as n from author_hours where what = 'post' group by all
),
base as (
    select a.*, coalesce(p.n, 0) as n, l.g is null as is_free
    from hours_all as a
    left join posters as p using (g, hour)
    left join levered as l using (g, hour)
),
profile as (
    select group_type, how, sum(n) filter (where is_free) / nullif(count(*) filter (where is_free),
        0) as level
    from base group by all
),
scaled as (
    select group_type, how, level / avg(level) over (partition by group_type) as factor from profile
),
free_hours as (
    select b.g, b.hour // 24 as day, sum(b.n) as n, sum(s.factor) as weight
    from base as b join scaled as s using (group_type, how)
    where b.is_free and s.factor is not null
    group by all
),
levels as (
    select g, day, sum(n) over before / nullif(sum(weight) over before, 0) as level
    from free_hours
    window before as (partition by g order by day range between 56 preceding and 1 preceding)
)
select
    p.post_no, case when p.origin = 'kol' then 'kol' else p.lever end as lever, p.g,
        p.lift as planted,
    sum(coalesce(o.n, 0)) as with_author,
    sum(coalesce(o.n, 0) - (select count(*) from author_hours as h where h.g = p.g and h.author
        = p.author and h.hour = a.hour and h.what = 'post')) as actual,
    sum(lv.level * s.factor) as expected,
from posts as p
join groups as gr using (g)
join range(2) as n(i) on true
join hours_all as a on a.g = p.g and a.hour = p.t // 3600 + i
left join posters as o on o.g = p.g and o.hour = a.hour
join scaled as s on s.group_type = gr.group_type and s.how = a.how
join levels as lv on lv.g = p.g and lv.day = a.hour // 24
where gr.is_lively and p.t // 86400 >= 14 and lv.level is not null and s.factor is not null
group by all;
