-- Truth: who is there, who comes, who leaves, who is active.
-- Each query is one entry; [] gives a list, {} a table of names and values.

-- people.people
select count(*) from people;

-- people.people_on_day_0
select count(*) from people where t < 0;

-- people.people_joined_later
select count(*) from people where t >= 0;

-- people.unique_members_at_end
select count(distinct person) from true_seats;

-- people.seats_at_end
select count(*) from true_seats;

-- people.seats_per_person_ever
select round(count(distinct (person, g)) / count(distinct person), 3) from seats join groups using
    (g) where origin <> 'moved';

-- people.group_sizes_at_end_min_quartiles_max
select [min(members), quantile_disc(members, 0.25), quantile_disc(members, 0.5),
    quantile_disc(members, 0.75), max(members)] from true_groups;

-- people.groups
select count(*) from groups;

-- people.groups_open_at_end
select count(*) from true_groups;

-- people.staff
select count(distinct author) from house_seats where author > -1000000;

-- people.alts
select count(*) from authors where role = 'alt';

-- people.bots
select count(*) from authors where role = 'bot';

-- people.kols
select count(*) from kols;

-- people.people_with_two_ids
select count(*) from people where alias_id is not null;

-- people.refusers
select count(*) from people where refuses;

-- people.group_joins_per_week
select round(count(*) / getvariable('weeks')::int, 1) from seats where t >= 0;

-- exits.group_exits
select count(*) from seats where is_exit(exit_kind);

-- exits.kicks
select count(*) from seats where exit_kind = 'kick';

-- exits.members_lost_to_all_groups
select count(*) from true_spells where end_t < end_t() and is_exit(exit_kind);

-- exits.group_exit_rate_per_week
select round(sum(left_seats) / sum(at_start), 5) from (
    select w, count(*) as at_start,
        count(*) filter (where end_t < (w + 1) * 604800 and is_exit(exit_kind)) as left_seats
    from seats, range(getvariable('weeks')::int) as n(w)
    where t < w * 604800 and end_t >= w * 604800 group by w);

-- exits.rejoins_within_24h
select count(*) from seats join rejoins using (person, g) where stay = 2 and is_quick;

-- exits.rejoins_later
select count(*) from seats join rejoins using (person, g) where stay = 2 and not is_quick;

-- exits.seats_moved_by_a_merge
select count(*) from seats where exit_kind = 'moved';

-- exits.moved_with_a_leave_row
select count(*) from seats where exit_kind = 'moved' and leave_t is not null;

-- exits.seats_dissolved
select count(*) from seats where exit_kind = 'dissolved';

-- exits.seats_dissolved_in_flash_groups
select count(*) from seats join groups using (g) where exit_kind = 'dissolved'
    and special = 'flash';

-- exits.exits_24h_after_push_per_member
select round(sum(gone) / sum(n), 5) from (
    select push_no, count(*) as n, count(*) filter (
        where s.end_t <= p.t + 86400 and is_exit(exit_kind)) as gone
    from pushes as p join seats as s on s.g = p.g and s.t <= p.t
        and s.end_t > p.t group by push_no);

-- exits.exits_per_member_and_day_elsewhere
select round(sum(gone) / sum(days), 5) from (
    select count(*) filter (where is_exit(exit_kind)) as gone,
        sum((end_t - greatest(t, 0)) / 86400.0) as days
    from seats join groups using (g) where not is_over_promoted);

-- cohorts.early_exit_7d
select round(avg((end_t <= t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7);

-- cohorts.early_exit_7d_without_farmed
select round(avg((end_t <= t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7) and not is_farmed;

-- cohorts.early_exit_48h_without_farmed
select round(avg((end_t <= t + 172800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7) and not is_farmed;

-- cohorts.early_exit_48h
select round(avg((end_t <= t + 172800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7);

-- cohorts.early_exit_7d_invited
select round(avg((end_t <= t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7) and is_invited;

-- cohorts.early_exit_7d_invited_without_farmed
select round(avg((end_t <= t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7) and is_invited and not is_farmed;

-- cohorts.early_exit_7d_not_invited
select round(avg((end_t <= t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts where
    is_mature(week, 7) and not is_invited;

-- cohorts.early_exit_7d_partner_B
select round(avg((c.end_t <= c.t + 604800 and is_exit(exit_kind))::int), 4) from true_cohorts as c
    join people using (person) where is_mature(week, 7) and channel = 'partner:B';

-- cohorts.untargeted_partner_B
select round(avg((a.person is null)::int), 4) from true_cohorts as c join people using (person)
left join (select distinct c.person from true_cohorts as c join true_activity as a on a.person
    = c.person and a.what in ('post', 'order') and a.t >= c.t and a.t < c.t + days(30))
    as a on a.person =
        c.person
where channel = 'partner:B' and is_mature(c.week, 30);

-- cohorts.activated_7d
select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.t >= c.t
    and a.t < c.t + 604800))::int), 4) from true_cohorts as c where is_mature(week, 7);

-- cohorts.activated_24h
select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.t >= c.t
    and a.t < c.t + 86400))::int), 4) from true_cohorts as c where is_mature(week, 7);

-- cohorts.in_a_group_30d_after_joining
select round(avg((exists (select 1 from true_spells as s where s.person = c.person and s.t <= c.t
    + days(30) and s.end_t >= c.t + days(30)))::int), 4) from true_cohorts as c
where is_mature(week, 30);

-- cohorts.in_a_group_30d_after_joining_without_flash_and_farmed
select round(avg((exists (select 1 from true_spells as s where s.person = c.person and s.t <= c.t
    + days(30) and s.end_t >= c.t + days(30)))::int), 4)
from true_cohorts as c join people using (person) join groups using (g)
where is_mature(week, 30) and not is_farmed and special <> 'flash';

-- cohorts.first_order_30d
select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t
    >= c.t and o.paid_t < c.t + days(30)))::int), 4) from true_cohorts as c
    where is_mature(week, 30);

-- cohorts.first_order_30d_invited
select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t
    >= c.t and o.paid_t < c.t + days(30)))::int), 4) from true_cohorts as c
where is_mature(week, 30) and is_invited;

-- cohorts.first_order_30d_not_invited
select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t
    >= c.t and o.paid_t < c.t + days(30)))::int), 4) from true_cohorts as c
where is_mature(week, 30) and not is_invited;

-- cohorts.spoken_30d_after_joining
select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.what
    = 'post' and a.t < c.t + days(30)))::int), 4) from true_cohorts as c where is_mature(week, 30);

-- cohorts.joiners_who_bought_before
select count(*) from true_cohorts where was_customer;

-- retention_active_week_1_to_12 []
with cells as (
    select c.person, c.week, k from true_cohorts as c, range(1, 13) as n(k)
    where c.week + k < getvariable('weeks')::int
), seen as (
    select distinct person, week_of(t) as week from true_activity where true
)
select round(count(s.person) / count(*), 4) from cells as c
left join seen as s on s.person = c.person and s.week = c.week + c.k group by k order by k;

-- retention_posting_week_1_to_12 []
with cells as (
    select c.person, c.week, k from true_cohorts as c, range(1, 13) as n(k)
    where c.week + k < getvariable('weeks')::int
), seen as (
    select distinct person, week_of(t) as week from true_activity where what = 'post'
)
select round(count(s.person) / count(*), 4) from cells as c
left join seen as s on s.person = c.person and s.week = c.week + c.k group by k order by k;

-- activity.weekly_actives_mean
select round(avg(n), 1) from (select week_of(t) as week, count(distinct person) as n
    from true_activity where t >= 0 group by 1);

-- activity.messages
select sum(messages) from author_days;

-- activity.messages_by_members
select sum(messages) from author_days where author > 0;

-- activity.messages_by_staff
select sum(messages) from author_days where author < 0 and author > -1000000;

-- activity.messages_by_alts
select sum(messages) from author_days where author < -1000000 and author > -2000000;

-- activity.messages_by_bots
select sum(messages) from author_days where author < -2000000;

-- activity.questions_share_of_member_messages
select round(sum(questions) / sum(messages), 4) from author_days where author > 0;

-- activity.questions_answered_by_staff
select round((select count(*) from answer_times) / sum(questions), 4) from author_days where author
    > 0;

-- activity.median_minutes_to_answer_9_to_21
select round(median(seconds) / 60.0, 1) from answer_times where asked_t % 86400 between 32400 and
    75599;

-- channels {}
select coalesce(channel, 'none'), count(*) from people where t >= 0 group by 1 order by 2 desc, 1;

-- participation_7d {}
select coalesce(group_type, 'all'), round(avg(talks_7d::int), 4)
from true_talk
group by grouping sets ((group_type), ()) order by 1;

-- lurkers_30d {}
select coalesce(group_type, 'all'),
    round(avg((not talks_30d)::int) filter (where t <= end_t() - days(30) and not refuses), 4)
from true_talk
group by grouping sets ((group_type), ()) order by 1;

-- buyers_30d {}
select coalesce(group_type, 'all'), round(avg(buys_30d::int), 4)
from true_talk
group by grouping sets ((group_type), ()) order by 1;

-- silent_buyers_30d {}
select coalesce(group_type, 'all'),
    round(avg((not talks_30d)::int) filter (where buys_30d and not refuses), 4)
from true_talk
group by grouping sets ((group_type), ()) order by 1;

-- top_3_share_of_messages_28d {}
with m as (
    select g, author, sum(messages) as n from author_days join groups using (g)
    where author > 0 and day >= end_t() // 86400 - 28 and not lacks_last_week group by all
), r as (select g, n, row_number() over (partition by g order by n desc, author) as place from m),
s as (select g, sum(n) filter (where place <= 3) / sum(n) as share from r group by g)
select group_type, round(avg(share), 4) from s join groups using (g) where is_lively group by 1
    order by 1;
