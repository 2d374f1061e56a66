-- Declared coverage and the platform's own daily totals (of one day the messages are 2 % apart).
create table declared_coverage as
with days as (
    select getvariable('start_ts')::date as first_day, getvariable('weeks')::int * 7 as n
)
select group_id, null::date as covered_from,
    null::date as covered_to from groups where is_never_archived
union all
select group_id, first_day, first_day + (n - 8) from groups, days where lacks_last_week
union all
select group_id, first_day, day_of(plan_t(12)) - 1 from groups,
    days where has_gap_week and plan_t(12) >= 86400
union all
select group_id, day_of(plan_t(13)), first_day + (n - 1) from groups,
    days where has_gap_week and plan_t(12) >= 86400;

-- As a platform counts: seats, authors of the house too, and every message sent.
create table platform_stats as
with days as (
    select d::int as day_no, getvariable('start_ts')::date + d::int as day
    from range(getvariable('weeks')::int * 7) as n(d)
),
everybody as (
    select person as author, t, end_t from seats
    union all
    select author, t, end_t from house_seats
),
moves as (
    select greatest(t, 0) // 86400 as day_no, 1 as step from everybody
    union all
    select end_t // 86400, -1 from everybody where end_t < getvariable('end_t')
),
seats_at as (
    select day_no, sum(sum(step)) over (order by day_no) as n from moves group by day_no
),
talk as (
    select
        day as day_no,
        sum(messages) as messages,
        count(distinct author) as posters,
    from author_days
    group by day
),
news as (
    select first_t // 86400 as day_no, count(*) as n
    from (select author, min(t) as first_t from everybody group by author)
    where first_t >= 0
    group by all
)
select
    day,
    'seats' as metric,
    (select max_by(n, s.day_no) from seats_at as s where s.day_no <= days.day_no) as value,
from days
union all
select day, 'messages',
    round(coalesce(messages, 0) * case when day_no = getvariable('weeks')::int * 7 - 10 then 1.02
    else 1 end)
from days left join talk using (day_no)
union all
select day, 'posters', coalesce(posters, 0) from days left join talk using (day_no)
union all
select day, 'new_members', coalesce(n, 0) from days left join news using (day_no);
