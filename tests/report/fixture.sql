-- A warehouse as the models leave it, small and made up: 26 weeks to 2026-W46, 12 groups, some with hostile names.
create schema raw; create schema core; create schema acquisition; create schema activation; create schema retention;
create schema revenue; create schema referral; create schema group_health; create schema scorecard; create schema quality;

create macro noise(i) as ((cast(i as bigint) * 7919 + 104729) * 31 % 1009) / 1009.0;
create temp table weeks as
select cast(date '2026-05-18' + cast(i as integer) * 7 as date) as week_start, cast(i as integer) as i
from generate_series(0, 25) as s(i);

create table core.settings as
select 'CNY' as currency, 'Asia/Shanghai' as time_zone, timestamp '2026-11-15 16:00:00' as report_at,
    '2026-W46' as report_week, date '2026-11-09' as report_week_start,
    timestamp '2026-11-15 16:00:00' as watermark_join_at, timestamp '2026-11-15 16:00:00' as watermark_message_at,
    timestamp '2026-11-17 16:00:00' as watermark_order_at, timestamp '2026-11-15 16:00:00' as watermark_invite_at;

create table core.groups as
select * from (values
    ('g01', '东门店福利群 03', 'selling', 500, timestamp '2026-02-02 02:00:00', null::timestamp, null, null, 'staff-1', null, '上海', null, 76),
    ('g02', '宝妈育儿交流 12', 'interest', 500, timestamp '2026-01-05 02:00:00', null, null, null, 'staff-1', null, '上海', '育儿', 394),
    ('g03', '鲜花团购 · 城西', 'selling', 500, timestamp '2026-03-05 02:00:00', null, null, null, 'staff-2', null, '杭州', null, 411),
    ('g04', '新品种子用户群', 'seed', 200, timestamp '2026-04-01 02:00:00', null, null, null, 'staff-2', null, null, null, 90),
    ('g05', '水果尝鲜群 07', 'selling', 500, timestamp '2026-02-12 02:00:00', null, null, null, 'staff-3', null, '上海', null, 163),
    ('g06', '健身打卡 21', 'interest', 500, timestamp '2026-01-20 02:00:00', null, null, null, 'staff-3', null, null, '健身', 81),
    ('g07', '<script>alert(1)</script><img src=x onerror=alert(2)>', 'selling', 500, timestamp '2026-05-20 02:00:00', null, null, null, 'staff-3', null, null, null, 482),
    ('../../G08 "quoted"', '=HYPERLINK("https://example.com") & </script> {{ 7*7 }} {x}', 'selling', 500, timestamp '2026-05-21 02:00:00', null, null, null, 'staff-4', null, null, null, 120),
    ('g09', '<a href="javascript:alert(3)">一个名字非常非常非常长的群一个名字非常非常非常长的群 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</a>', 'vip', 500, timestamp '2026-05-22 02:00:00', null, null, null, 'staff-4', null, null, null, 45),
    ('g10', '社区团长群 A', 'leader', 500, timestamp '2026-05-30 02:00:00', null, null, null, 'staff-5', 'lead-1', null, null, 34),
    ('g11', '双十一快闪群', 'flash', 500, timestamp '2026-10-26 02:00:00', null, null, null, 'staff-5', null, null, null, 8),
    ('g12', '从未存档的群', 'selling', 500, timestamp '2026-05-30 02:00:00', null, null, null, 'staff-5', null, null, null, 140)
) as t(group_id, group_name, group_type, capacity, created_at, closed_at, parent_group_id, successor_group_id,
    owner_id, leader_id, region, topic, members_now);

create table group_health.groups as
select
    group_id, members_now as members, members_now / 500.0 as capacity_fill,
    case when members_now < 50 then '<50' when members_now < 150 then '50–149' when members_now < 250 then '150–249'
        when members_now < 400 then '250–399' else '400+' end as size_bucket,
    p as participation_7d, l as lurker_rate, 0.6 + n * 0.3 as silent_buyer_rate, 0.25 + n * 0.5 as top3_share,
    0.8 + n * 0.1 as gini, 0.4 + n * 0.2 as staff_share, 0.1 + n * 0.3 as reply_rate,
    5 + n * 40 as median_first_response_minutes, cast(members_now * c as integer) as buyers_30d, c as conversion_30d,
    cast(members_now * c * 105 as decimal(18, 2)) as net_revenue_28d,
    cast(case when s = 'dead' then 19 when s = 'unknown' then null else n * 4 end as integer) as days_since_member_message,
    0.02 + n * 0.08 as exit_rate_28d, s as state, sc as score,
    case when s = 'unknown' then 'conversion_30d,exit_rate_28d' else 'participation_7d,lurker_rate,top3_share,exit_rate_28d,conversion_30d,reply_rate' end as score_inputs_used,
    case when s = 'unknown' then 'participation_7d,lurker_rate,top3_share,reply_rate' end as score_inputs_missing,
    case when s in ('dying', 'dead', 'watch') then 'lurker_rate, participation_7d' when s = 'unknown' then 'not covered' end as reason
from (
    select g.*, noise(row_number() over (order by g.group_id)) as n, v.* exclude (id)
    from core.groups as g
    join (values
        ('g01', 0.21, 0.32, 0.11, 'healthy', 82.0), ('g02', 0.282, 0.78, 0.06, 'healthy', 71.0), ('g03', 0.08, 0.74, 0.10, 'watch', 47.0),
        ('g04', 0.24, 0.58, 0.22, 'healthy', 78.0), ('g05', 0.018, 0.89, 0.0, 'dying', 24.0), ('g06', 0.0, 1.0, 0.0, 'dead', 8.0),
        ('g07', 0.12, 0.61, 0.14, 'healthy', 69.0), ('../../G08 "quoted"', 0.015, 0.92, 0.21, 'quiet_seller', 55.0), ('g09', 0.19, 0.42, 0.244, 'healthy', 88.0),
        ('g10', 0.09, 0.71, 0.09, 'watch', 44.0), ('g11', 0.25, null, null, 'new', null), ('g12', null, null, 0.08, 'unknown', null)
    ) as v(id, p, l, c, s, sc) on v.id = g.group_id
);

create table core.coverage as
select cast(d as date) as day, k.event_kind, g.group_id,
    not (k.event_kind = 'message' and g.group_id = 'g12') and not (g.group_id = 'g10' and cast(d as date) between date '2026-09-14' and date '2026-09-20') as is_covered,
    case when g.group_id = 'g10' then 'declared' else 'inferred' end as how
from generate_series(date '2026-05-18', date '2026-11-15', interval 1 day) as t(d)
cross join (values ('join'), ('message'), ('order'), ('invite')) as k(event_kind)
cross join core.groups as g;

create table acquisition.weekly as
select week_start, new_members, opened, closed, leaves, kicks, dissolved, moved, lost_members, opened - closed as net_members,
    1030 + i * 30 as members_at_start, 1030 + i * 30 + opened - closed as members_at_end, leaves + kicks as left_members,
    (leaves + kicks) / (1030.0 + i * 30) as exit_rate, (opened - closed) / (1030.0 + i * 30) as net_growth_rate,
    true as is_complete, null::varchar as reason
from (
    select week_start, i, cast(80 + noise(i) * 40 + case when i in (4, 12, 20) then 150 else 0 end as bigint) as new_members,
        cast(86 + noise(i) * 40 + case when i in (4, 12, 20) then 150 else 0 end as bigint) as opened,
        cast(38 + noise(i + 50) * 25 as bigint) + 4 + case when i = 14 then 60 else 0 end as closed,
        cast(38 + noise(i + 50) * 25 as bigint) as leaves, 4::bigint as kicks, 0::bigint as dissolved,
        case when i = 14 then 60 else 0 end::bigint as moved, cast(34 + noise(i + 50) * 20 as bigint) as lost_members
    from weeks
);
create table acquisition.weekly_by_group as
select g.group_id, w.week_start, cast(w.new_members / 12 as bigint) as new_members, cast(w.opened / 12 as bigint) as opened,
    cast(w.closed / 12 as bigint) as closed, cast(w.leaves / 12 as bigint) as leaves, cast(w.kicks / 12 as bigint) as kicks,
    cast(w.dissolved / 12 as bigint) as dissolved, cast(w.moved / 12 as bigint) as moved, cast(w.lost_members / 12 as bigint) as lost_members,
    cast(w.net_members / 12 as bigint) as net_members, g.members_now - 100 + 4 * x.i as members_at_start,
    g.members_now - 96 + 4 * x.i as members_at_end, cast(w.left_members / 12 as bigint) as left_members, w.exit_rate,
    w.net_growth_rate, true as is_complete, null::varchar as reason
from core.groups as g
cross join acquisition.weekly as w
join weeks as x on x.week_start = w.week_start;

create table activation.cohorts as
select week_start as cohort_week, n as cohort_size, cast(n * r * 0.6 as bigint) as activated_24h_members, r * 0.6 as activated_24h_rate,
    case when i < 25 then cast(n * r as bigint) end as activated_7d_members, case when i < 25 then r end as activated_7d_rate,
    case when i < 25 then r - 0.06 end as activated_7d_low, case when i < 25 then r + 0.06 end as activated_7d_high,
    case when i < 25 then cast(n * 0.11 as bigint) end as first_order_7d_members, case when i < 25 then 0.11 + noise(i) * 0.03 end as first_order_7d_rate,
    case when i < 21 then cast(n * 0.23 as bigint) end as first_order_30d_members, case when i < 21 then 0.21 + noise(i) * 0.05 end as first_order_30d_rate,
    r * 0.5 as spoken_24h_share, case when i < 25 then r * 0.8 end as spoken_7d_share, case when i < 21 then r * 1.1 end as spoken_30d_share,
    9.0 + noise(i) * 6 as median_hours_to_first_message, true as is_complete_24h, i < 25 as is_complete_7d, i < 21 as is_complete_30d,
    case when i >= 21 then 'not yet mature' end as reason
from (select w.*, a.new_members as n, 0.24 + noise(w.i * 3) * 0.09 as r from weeks as w join acquisition.weekly as a using (week_start));
create table activation.cohorts_by_group as
select g.group_id, c.* replace (cast(c.cohort_size / 12 as bigint) as cohort_size, cast(c.activated_7d_members / 12 as bigint) as activated_7d_members)
from core.groups as g cross join activation.cohorts as c;

create table retention.cohorts as
select cohort_week, week_index, cohort_size,
    case when ok then cast(cohort_size * r as bigint) end as active_members,
    case when ok then cast(cohort_size * r * 0.65 as bigint) end as posting_members,
    case when ok then cast(cohort_size * r * 0.4 as bigint) end as buying_members,
    case when ok then cast(cohort_size * r as bigint) / cast(cohort_size as double) end as retention_rate, ok as is_complete,
    case when not ok then 'not yet mature' end as reason
from (
    select a.week_start as cohort_week, k as week_index, a.new_members as cohort_size, w.i + k <= 25 as ok,
        case when k = 0 then 0.31 when w.i = 15 and k = 3 then 0 else (0.24 + noise(w.i * 13 + k) * 0.06) / power(k, 0.5) end as r
    from acquisition.weekly as a
    join weeks as w using (week_start)
    cross join generate_series(0, 12) as s(k)
);
create table retention.cohorts_by_group as
select g.group_id, c.* replace (
        cast(c.cohort_size / 12 as bigint) as cohort_size, cast(c.active_members / 12 as bigint) as active_members,
        cast(c.posting_members / 12 as bigint) as posting_members, cast(c.buying_members / 12 as bigint) as buying_members,
        cast(c.active_members / 12 as bigint) / cast(cast(c.cohort_size / 12 as bigint) as double) as retention_rate
    )
from core.groups as g cross join retention.cohorts as c;

create table revenue.weekly as
select week_start, gmv, refunds, cast(gmv + refunds as decimal(18, 2)) as net_revenue, cast(gmv * 0.33 as decimal(18, 2)) as margin, 0.33 as margin_rate,
    0.9 as cost_known_share, orders as paid_orders, buyers, case when i >= 13 then cast(buyers * 0.3 as bigint) end as new_buyers,
    case when i >= 13 then buyers - cast(buyers * 0.3 as bigint) end as repeat_buyers, cast(gmv as double) / orders as average_order_value,
    cast(gmv as double) / buyers as spend_per_buyer, cast(gmv as double) / 4100 as revenue_per_member, orders / cast(buyers as double) as frequency,
    cast(gmv * 0.42 as decimal(18, 2)) as group_revenue, cast(gmv * 0.13 as decimal(18, 2)) as member_revenue,
    cast(gmv * 0.19 as decimal(18, 2)) as non_member_revenue,
    cast(gmv + refunds as decimal(18, 2)) - cast(gmv * 0.42 as decimal(18, 2)) - cast(gmv * 0.13 as decimal(18, 2)) - cast(gmv * 0.19 as decimal(18, 2)) as unknown_revenue,
    0.27 + noise(i) * 0.02 as unmatched_share, true as is_complete, case when i < 13 then 'needs 180 d of order history' end as reason
from (
    select week_start, i, cast(18000 + noise(i * 5) * 6000 + case when i = 25 then 22000 else 0 end as decimal(18, 2)) as gmv,
        cast(-700 - noise(i * 9) * 900 as decimal(18, 2)) as refunds, cast(270 + noise(i * 5) * 80 as bigint) as orders,
        cast(190 + noise(i * 5) * 50 as bigint) as buyers
    from weeks
);
create table revenue.weekly_by_group as
select g.group_id, w.* replace (cast(w.net_revenue / 24 * (0.5 + noise(g.members_now + x.i * 17)) as decimal(18, 2)) as net_revenue, cast(w.buyers / 12 as bigint) as buyers)
from core.groups as g cross join revenue.weekly as w join weeks as x on x.week_start = w.week_start where g.group_id <> 'g06';
create table revenue.repurchase as
select cast(date '2026-05-01' + to_months(cast(m as integer)) as date) as cohort_month, c.category, 210 - m * 12 as buyers,
    case when m < 3 then cast((210 - m * 12) * 0.53 as bigint) end as repurchased_90d_buyers,
    case when m < 3 then cast((210 - m * 12) * 0.53 as bigint) / cast(210 - m * 12 as double) end as repurchase_90d_rate,
    case when m < 3 then 210 - m * 12 else 0 end as mature_buyers, 28 as category_window_days, case when m < 5 then 0.34 end as repurchase_window_rate, 0.58 - m * 0.07 as lifetime_repurchase_rate,
    16.0 + m as median_days_between, m < 3 as is_complete, case when m >= 3 then 'not yet mature' end as reason
from generate_series(0, 6) as s(m) cross join (values ('all'), ('水果'), ('<b>奶粉</b>')) as c(category);
insert into revenue.repurchase
select null, category, sum(buyers), sum(repurchased_90d_buyers), sum(repurchased_90d_buyers) / cast(sum(mature_buyers) as double), sum(mature_buyers), 28,
    0.34, 0.5, 16.0, false, null
from revenue.repurchase group by category;
create table revenue.concentration as
select * from (values ('90d', 164, 0.36, 0.72, 0.32), ('all', 180, 0.33, 0.70, 0.34)) as t(period, products, top_2pct_share, top_20pct_share, product_share_for_80pct);

create table referral.weekly as
select week_start, sent as invites_sent, cast(ceil(sent / 2.4) as bigint) as inviters, case when i < 25 then joined end as invites_joined,
    case when i = 25 then 6 else 0 end::bigint as invites_pending, case when i < 25 then joined / cast(sent as double) end as acceptance_rate,
    actives as active_members, sent / cast(actives as double) as invites_per_active, case when i < 25 then joined / cast(actives as double) end as k_factor,
    case when i < 25 then joined / ceil(sent / 2.4) end as fission_multiple, case when i < 25 then 1.4 end as median_days_to_join,
    cast(joined * 5 as decimal(18, 2)) as reward_cost, case when i < 25 then 5.0 end as cost_per_joined, case when i < 21 then 8.1 end as cost_per_kept_30d,
    i < 25 as is_complete, case when i = 25 then 'not yet mature' end as reason
from (
    select week_start, i, cast(464 + noise(i) * 40 as bigint) as actives, cast(12 + noise(i) * 6 + case when i in (4, 12, 20) then 300 else 0 end as bigint) as sent,
        cast(5 + noise(i) * 3 + case when i in (4, 12, 20) then 120 else 0 end as bigint) as joined
    from weeks
);
create table referral.weekly_by_group as
select g.group_id, w.* replace (cast(w.invites_sent / 12 as bigint) as invites_sent) from core.groups as g cross join referral.weekly as w;
create table referral.tree as
select 'm-' || i as member_id, case when i > 24 then 'm-' || (i % 24 + 1) end as inviter_id, 'm-' || case when i > 24 then i % 24 + 1 else i end as root_member_id,
    case when i > 24 then 1 else 0 end as generation, case when i <= 24 then 25 - i else 0 end as direct_invitees,
    case when i <= 24 then 27 - i else 0 end as descendants, case when i <= 24 then 28 - i else 1 end as tree_size
from generate_series(1, 300) as s(i);

create table scorecard.weekly as
with long as (
    select w.i, a.week_start, m.metric,
        case m.metric
            when 'new_members' then a.new_members when 'net_members' then a.net_members when 'exit_rate' then a.exit_rate
            when 'activated_7d_rate' then c.activated_7d_rate when 'first_order_7d_rate' then c.first_order_7d_rate
            when 'first_order_30d_rate' then c.first_order_30d_rate when 'retention_week4' then case when w.i < 22 then 0.105 + noise(w.i * 7) * 0.03 end
            when 'participation_rate' then 0.07 + noise(w.i * 11) * 0.01 when 'lurker_rate' then 0.82 + noise(w.i * 11) * 0.01
            when 'dau_wau' then 0.28 + noise(w.i) * 0.02 when 'stay_30d_rate' then case when w.i < 21 then 0.84 + noise(w.i) * 0.02 end
            when 'gmv' then r.gmv when 'margin' then r.margin when 'net_revenue' then r.net_revenue when 'buyers' then r.buyers
            when 'average_order_value' then r.average_order_value when 'spend_per_buyer' then r.spend_per_buyer
            when 'repurchase_90d_rate' then case when w.i < 13 then 0.53 + noise(w.i) * 0.02 end when 'link_coverage' then 0.61 + noise(w.i) * 0.01
            when 'invites_per_active' then f.invites_per_active when 'k_factor' then f.k_factor
            when 'healthy_groups' then 5 + w.i % 2 when 'dying_or_dead_groups' then 2
        end::double as value,
        case m.metric when 'activated_7d_rate' then c.activated_7d_members when 'healthy_groups' then 5 end::double as numerator,
        case m.metric when 'activated_7d_rate' then c.cohort_size when 'retention_week4' then c.cohort_size when 'stay_30d_rate' then c.cohort_size
            when 'k_factor' then f.active_members when 'healthy_groups' then 12 when 'average_order_value' then r.paid_orders
            when 'spend_per_buyer' then r.buyers when 'exit_rate' then a.members_at_start else 400 end::double as denominator,
        case when m.metric in ('activated_7d_rate', 'first_order_7d_rate', 'first_order_30d_rate', 'retention_week4', 'stay_30d_rate', 'repurchase_90d_rate', 'k_factor', 'invites_per_active') then a.week_start end as cohort_week
    from weeks as w
    join acquisition.weekly as a using (week_start) join revenue.weekly as r using (week_start) join referral.weekly as f using (week_start)
    join activation.cohorts as c on c.cohort_week = w.week_start
    cross join (values ('new_members'), ('net_members'), ('exit_rate'), ('activated_7d_rate'), ('first_order_7d_rate'), ('first_order_30d_rate'),
        ('retention_week4'), ('participation_rate'), ('lurker_rate'), ('dau_wau'), ('stay_30d_rate'), ('gmv'), ('margin'), ('net_revenue'), ('buyers'),
        ('average_order_value'), ('spend_per_buyer'), ('repurchase_90d_rate'), ('link_coverage'), ('invites_per_active'), ('k_factor'),
        ('healthy_groups'), ('dying_or_dead_groups')) as m(metric)
),
moves as (
    select *, lag(value) over (partition by metric order by week_start) as previous_value,
        case metric when 'activated_7d_rate' then 1 when 'first_order_7d_rate' then 1 when 'k_factor' then 1 when 'invites_per_active' then 1
            when 'retention_week4' then 4 when 'first_order_30d_rate' then 5 when 'stay_30d_rate' then 5 when 'repurchase_90d_rate' then 13
            else 0 end as lag_weeks
    from long
),
limits as (
    select *, avg(value) over past as mean_before, avg(abs(value - previous_value)) over past as range_before, count(value) over past as n_before
    from moves window past as (partition by metric order by week_start rows between 12 preceding and 1 preceding)
)
select cast(week_start + 7 * lag_weeks as date) as week_start, metric, value, numerator, denominator, previous_value,
    value - previous_value as change,
    case when n_before >= 8 then mean_before - 2.66 * range_before end as expected_low,
    case when n_before >= 8 then mean_before + 2.66 * range_before end as expected_high,
    case when n_before >= 8 and value is not null then value not between mean_before - 2.66 * range_before and mean_before + 2.66 * range_before end as is_unusual,
    case when metric = 'net_revenue' then 40000.0 end as target, value is not null as is_complete, cohort_week,
    case when value is null then 'not yet mature' end as reason
from limits
where week_start + 7 * lag_weeks <= date '2026-11-09';

create table scorecard.aarrr as
select a.week_start as cohort_week, s.stage, case when w.i < s.open_from then cast(a.new_members * s.share as bigint) end as members,
    case when w.i < s.open_from then cast(a.new_members * s.share * 0.3 as bigint) end as former_customers,
    case when w.i < s.open_from then cast(a.new_members * s.share as bigint) / cast(a.new_members as double) end as share_of_acquired,
    case when w.i < s.open_from then cast(a.new_members * s.closed as bigint) end as closed_members,
    case when w.i < s.open_from then cast(a.new_members * s.closed as bigint) / cast(a.new_members as double) end as closed_share,
    case when s.stage <> 'acquired' and w.i < s.open_from then s.days end as median_days_from_join, w.i < s.open_from as is_complete, w.i < 21 as is_closed_complete,
    case when w.i >= s.open_from then 'not yet mature' end as reason
from acquisition.weekly as a join weeks as w using (week_start)
cross join (values ('acquired', 1.0, 1.0, 26, 0.0), ('activated', 0.274, 0.274, 25, 0.4), ('retained', 0.107, 0.09, 22, 28.0), ('paid', 0.23, 0.05, 21, 6.2),
    ('referred', 0.02, 0.008, 21, 11.0)) as s(stage, share, closed, open_from, days);
create table scorecard.aarrr_by_group as
select g.group_id, a.* replace (cast(a.members / 12 as bigint) as members, cast(a.closed_members / 12 as bigint) as closed_members, cast(a.former_customers / 12 as bigint) as former_customers)
from core.groups as g cross join scorecard.aarrr as a;

create table quality.checks as
select * from (values
    ('loaded', 'joins_group_id_not_null', 'critical', 'passed', 0::bigint, null), ('loaded', 'orders_amount_in_range', 'critical', 'passed', 0, null),
    ('loaded', 'orders_paid_after_ordered', 'warning', 'failed', 3, 'order 8f2…: paid 2 min before ordered'), ('built', 'weekly_flow_balances', 'critical', 'passed', 0, null),
    ('built', 'revenue_split_sums_to_total', 'critical', 'passed', 0, null), ('built', 'stored_value_not_negative', 'critical', 'could_not_run', null, null),
    ('built', 'aarrr_closed_is_monotone', 'critical', 'passed', 0, null)
) as t(suite, check_name, severity, outcome, failing_rows, examples);
alter table quality.checks add column message varchar;
update quality.checks set message = 'Orders are paid after they are placed. Look at the clock of the shop export.' where outcome <> 'passed';
create table raw.loads as
select i as load_id, case when i = 3 then '<img src=x onerror=alert(4)>.csv' else 'messages_' || week_start || '.csv' end as file_name, repeat('a', 64) as sha256, 'wecom' as source,
    case when i % 4 = 0 then 'order' when i % 4 = 1 then 'join' when i % 4 = 2 then 'invite' else 'message' end as event_kind, 'csv' as source_format, 'utf-8' as encoding,
    3000 + i as rows_read, 2900 + i as rows_kept, 88 as rows_duplicate, 12 as rows_rejected, week_start as covered_from, week_start + 6 as covered_to,
    week_start + interval 7 day as exported_at, timestamp '2026-11-16 01:00:00' as loaded_at
from weeks;
create table raw.rejects as
select i as load_id, n as row_number, case when n % 3 = 0 then 'amount' else 'occurred_at' end as column_name,
    case when n % 3 = 0 then 'is not a number' else 'is empty' end as reason, '{"amount": "<b>x</b>"}' as raw_row
from weeks cross join generate_series(1, 12) as s(n);
create table quality.reconciliation as
select date '2026-11-15' as day, group_id, 'member_total' as metric, members_now as own_value, members_now + 6 as platform_value, -6 as difference from core.groups;
insert into quality.reconciliation
select cast(d as date), null, m.metric,
    case when cast(d as date) < date '2026-11-03' then null else m.own + date_diff('day', date '2026-11-02', cast(d as date)) end,
    m.platform, null
from generate_series(date '2026-11-02', date '2026-11-15', interval 1 day) as t(d)
cross join (values ('members', 987, 2000), ('posters', 93, 100), ('messages', 493, 500), ('new_members', 0, 0)) as m(metric, own, platform);

create table revenue.campaigns as
select *, gift_cost + reward_cost + red_packet_cost + spend as total_cost, margin - (gift_cost + reward_cost + red_packet_cost + spend) as contribution,
    (margin - (gift_cost + reward_cost + red_packet_cost + spend)) / (gift_cost + reward_cost + red_packet_cost + spend) as roi,
    participants_at_start / cast(members as double) as participation_rate, helpers / cast(nullif(starters, 0) as double) as helpers_per_starter,
    teams_completed / cast(nullif(teams, 0) as double) as completed_share, new_members / cast(nullif(starters, 0) as double) as new_members_per_starter
from (values
    ('c1', 1::bigint, '限时秒杀', 'flash_sale', timestamp '2026-06-07 16:00:00', timestamp '2026-06-14 16:00:00', 65::bigint, 3634.77::decimal(18, 2), 1175.12::decimal(18, 2), 0.93, 0.00::decimal(18, 2), 0.00::decimal(18, 2), 20.50::decimal(18, 2), 260.00::decimal(18, 2), 193::bigint, 4::bigint, 900::bigint, 190::bigint, 2::bigint, 4::bigint, 2::bigint, 1::bigint, 0::bigint, 93::bigint, 66::bigint, 22::bigint, null::varchar),
    ('c1', 2, '限时秒杀', 'flash_sale', timestamp '2026-08-02 16:00:00', timestamp '2026-08-09 16:00:00', 50, 2968.59, 140.03, 0.95, 0, 0, 0, 240, 160, 5, 950, 120, 0, 0, 0, 0, 0, 82, 58, 27, null),
    ('c2', 1, '<img src=x onerror=alert(5)>老带新老带新老带新', 'fission', timestamp '2026-09-06 16:00:00', timestamp '2026-09-13 16:00:00', 0, 0, null, null, 0, 890, 0, 400, 164, 6, 1000, 152, 164, 178, 0, 0, 178, 0, 0, 0, 'no_paid_orders'),
    ('c3', 1, '=HYPERLINK("x")', null, timestamp '2026-11-12 16:00:00', null, 12, 500, 210.5, 0.9, 15, 0, 0, 100, 25, 2, 28, 20, 0, 0, 0, 0, 3, 0, 0, 0, null),
    ('c9', 1, 'not begun', 'contest', timestamp '2026-12-01 16:00:00', null, 0, 0, null, null, 0, 0, 0, 70, 0, 0, null, null, 0, 0, 0, 0, 0, 0, 0, 0, 'no_paid_orders'),
    (null, null, null, null, null, null, 9000, 500000, 180000, 0.9, 0, 0, 0, 0, null, null, null, null, null, null, null, null, null, null, null, null, 'no_campaign')
) as t(campaign_id, wave_number, campaign_name, campaign_type, starts_at, ends_at, orders, attributed_net, margin, cost_known_share, gift_cost, reward_cost,
    red_packet_cost, spend, participants, groups, members, participants_at_start, starters, helpers, teams, teams_completed, new_members,
    coupons_issued, coupons_claimed, coupons_redeemed, reason);
create table group_health.fatigue_waves as
select 'flash_sale' as campaign_type, null::varchar as group_id, cast(n as bigint) as wave_number, timestamp '2026-06-07 16:00:00' + interval 28 day * (n - 1) as starts_at,
    5::bigint as groups, cast(120 - 18 * n as bigint) as participants, 1000::bigint as members, (120 - 18 * n) / 1000.0 as participation_rate, null::varchar as reason
from generate_series(1, 5) as s(n)
union all select 'fission', null, 1, timestamp '2026-09-06 16:00:00', 6, 150, 1000, 0.15, null
union all select 'flash_sale', 'g01', 1, timestamp '2026-06-07 16:00:00', 1, 9, 76, 9 / 76.0, null;
create table group_health.fatigue as
select * from (values ('flash_sale', null::varchar, 5::bigint, 5::bigint, -0.31, -0.42, -0.18, true, null::bigint, null::varchar),
    ('fission', null, 1, 6, null, null, null, null, null, 'few_waves'), ('flash_sale', 'g01', 5, 1, -0.5, null, null, null, 1, 'one_group')
) as t(campaign_type, group_id, waves, groups, slope, slope_low, slope_high, is_fatigued, slope_rank, reason);
create table group_health.pushes as
select g.group_id, w.week_start + 2 as day, g.owner_id, w.week_start + interval 50 hour as pushed_at, 'e' || w.i as event_key, 1::bigint as promo_posts, g.members_now as members,
    case when w.i = 3 then null when g.group_id = 'g03' and w.i in (2, 24) then 12 else cast(noise(w.i) * 3 as bigint) end as exits_24h, null::double as exit_rate, 0.003 as usual_exit_rate,
    case when w.i <> 3 then g.members_now * 0.003 end as usual_exits, case when g.group_id = 'g03' and w.i in (2, 24) then 9.7 end as exit_ratio,
    g.group_id = 'g03' and w.i in (2, 24) as is_too_much, case when w.i = 3 then 'not_covered' end as reason
from core.groups as g cross join weeks as w where g.group_id in ('g01', 'g03', 'g07');
create table core.gifts as
select 'gift' || n as gift_id, case when n <= 40 then 'lead' else 'coupon' end as gift_kind, case when n <= 40 then 2.5 else 0 end::decimal(18, 2) as unit_cost,
    timestamp '2026-10-01 02:00:00' as issued_at, case when n <= 30 or n > 50 then timestamp '2026-10-02 02:00:00' end as claimed_at,
    case when n <= 12 then timestamp '2026-10-03 02:00:00' end as redeemed_at, null::bigint as prize_level, null::varchar as campaign_id, 'm' || n as member_id
from generate_series(1, 100) as s(n);

create table group_health.owners as
select g.owner_id, w.week_start, count(*) as groups, sum(g.members_now) as members, sum(g.members_now) - 2 as unique_members,
    cast(3 + noise(w.i) * 9 as bigint) as net_members, cast(noise(w.i + 7) * 5 as bigint) as left_members, sum(g.members_now) as members_at_start,
    cast(noise(w.i + 3) * 20 as bigint) as posters, sum(g.members_now) as archived_members,
    case when not (g.owner_id = 'staff-4' and w.i = 23) then cast(sum(g.members_now) * (4 + noise(w.i)) as decimal(18, 2)) end as net_revenue,
    cast(noise(w.i) * 9 as bigint) as questions, cast(noise(w.i) * 2 as bigint) as unanswered, 1::bigint as groups_on_watch, 0::bigint as groups_unknown,
    case when g.owner_id = 'staff-4' and w.i = 23 then 'not_covered' end as reason
from core.groups as g cross join weeks as w group by g.owner_id, w.week_start, w.i;
create table group_health.responses as
select 'q' || n as question_key, g.group_id, 20000 + n as day_number, w.week_start, w.week_start + interval 3 hour as asked_at,
    case when n <> 2 then length(g.group_id) + n * case g.owner_id when 'staff-3' then 31.5 else 4 end end as minutes_to_answer, n <> 2 as is_answered_24h, n <> 3 as is_daytime, n <> 4 as is_over
from core.groups as g cross join weeks as w cross join generate_series(1, 5) as s(n) where g.owner_id <> 'staff-5';
create table revenue.leaders as
select l.leader_id, w.week_start, cast(100 + noise(w.i) * 90 as decimal(18, 2)) as net_revenue, cast(3 + noise(w.i) * 4 as bigint) as paid_orders, cast(2 + noise(w.i) * 3 as bigint) as buyers,
    case when l.leader_id is distinct from '<b>lead-no-group' then cast(noise(w.i) * 2 as bigint) end as new_buyers, true as is_complete, null::varchar as reason
from (values ('lead-1'), ('<b>lead-no-group'), (null)) as l(leader_id) cross join weeks as w;

create table scorecard.bridge as
select w.week_start, b.step, b.position, b.value + w.i as value, null::varchar as reason
from weeks as w cross join (values ('platform_total', 1, 2400.0), ('difference', 2, -33.0), ('own_seats', 3, 2433.0), ('minus_overlap', 4, 210.0),
    ('minus_staff', 5, 40.0), ('unique_members', 6, 2183.0)) as b(step, position, value);
create table scorecard.alerts as
select date '2026-11-09' as week_start, a.* from (values
    ('unusual', 'metric', 'net_revenue', 'x', 900.0, 'Net revenue unusually high.', '净销售额异常偏高。', 'See.', '查看。', 'revenue.html'),
    ('group_worse', 'group', 'g05', 'x', 163.0, 'Group five is now dying.', '群五转为低活跃。', 'Talk.', '讨论。', 'groups.html'),
    ('group_worse', 'group', 'g03', 'x', 411.0, 'Group three is now to be watched <b>.', '群三转为需关注<b>。', 'Talk.', '讨论。', 'groups.html'),
    ('refund_burst', 'product', 'p1', 'x', 0.3, 'Tea: refunds 30 %.', '茶：退款 30 %。', 'Pull.', '下架。', 'revenue.html')
) as a(alert, subject_kind, subject, rule, size, sentence_en, sentence_zh, action_en, action_zh, link)
union all select date '2026-11-02', 'slow_response', 'owner', 'staff-3', 'x', 90, 'An older one.', '旧的。', 'x', 'x', 'owners.html';
create table scorecard.action_rules as
select * from (values
    ('stop_channel', 1, 'rate', 'left within 7 days > 15.0 %, n ≥ 100, Wilson low above all channels', 'Stop the channel', '停用渠道'),
    ('fewer_pushes', 2, 'people', 'exits in 24 h ≥ 3.0 × usual and ≥ 5', 'Push at most once a day in', '每天最多推送一次：'),
    ('migrate_then_dissolve', 4, 'people', 'fewer than 2 talked and nobody bought in 14 d', 'Move the members, then dissolve', '先迁群再解散：'),
    ('check_welcome_offer', 6, 'rate', 'first orders in 7 d below the expected range, n ≥ 100', 'Check the welcome offer', '检查新人礼'),
    ('recall_buyer', 7, 'days', 'silent > 2.0 × own median gap, net ≥ p75', 'Write personally to', '一对一唤醒'),
    ('replace_mechanic', 8, 'slope', 'fatigue slope interval below 0 over ≥ 4 waves', 'Replace the mechanic of', '更换玩法：')
) as t(action, position, unit, threshold, say_en, say_zh);
create table scorecard.actions as
select date '2026-11-09' as week_start, t.action, t.subject_kind, t.subject, t.subject_name, t.owner_id, t.is_proposed, t.action || ': ' || r.threshold as rule, r.threshold, t.evidence,
    t.evidence || '，中文' as evidence_zh, 1.0 as value, r.unit, t.base, t.evidence as sentence_en, t.evidence as sentence_zh, null::double as value_last_week,
    t.outcome as outcome_of_last_week, t.outcome as outcome_of_last_week_zh
from (values
    ('stop_channel', 'channel', 'partner-b', '<i>partner b', null, true, '28 % of 140 left', 140.0, null),
    ('migrate_then_dissolve', 'group', 'g06', '健身打卡 21', 'staff-3', true, '0 of 81 wrote', 81.0, 'Proposed a week ago (x); now y: still holds.'),
    ('migrate_then_dissolve', 'group', 'g05', '水果尝鲜群 07', 'staff-3', false, '9 of 163 wrote', 163.0, 'Proposed a week ago (x); now y: no longer holds.'),
    ('migrate_then_dissolve', 'group', 'gone', 'gone', 'staff-1', false, 'nothing to judge this week', null, 'Proposed a week ago (x); now y: not judged.'),
    ('fewer_pushes', 'group', 'g03', '鲜花团购 · 城西', 'staff-2', false, '1 of 411 left', 411.0, 'Proposed a week ago (x); now y: no longer holds.'),
    ('check_welcome_offer', 'community', 'everybody-here', null, null, true, '2 % of 120', 120.0, null),
    ('recall_buyer', 'member', 'member-secret-1', 'member-secret-1', 'staff-1', true, 'silent 90 days', 20.0, null),
    ('recall_buyer', 'member', 'member-secret-2', 'member-secret-2', 'staff-2', true, 'silent 80 days', 30.0, null),
    ('replace_mechanic', 'campaign_type', 'flash_sale', 'flash_sale', null, true, 'slope -0.31', 5.0, null)
) as t(action, subject_kind, subject, subject_name, owner_id, is_proposed, evidence, base, outcome)
join scorecard.action_rules as r on r.action = t.action
union all
select date '2026-11-02', 'stop_channel', 'channel', 'old', 'an older proposal', null, true, 'x', 'x', 'x', 'x', 1, 'rate', 200, 'x', 'x', null, null, null;

create table retention.survival as
select month as cohort_month, cast(d as bigint) as day, case when month is null then 600 else 100 end::bigint as cohort_size,
    case when d > reach then 5 else cast((case when month is null then 600 else 100 end) * power(0.995, d) as bigint) end as at_risk,
    cast(d * 2 as bigint) as exited_members, power(0.995 - coalesce(month(month), 5) * 0.0004, d) as stay_probability, month is null or d <= reach as is_complete,
    false as has_inferred_exits, true as is_exit_exported, null::varchar as reason
from (
    select cast(date '2026-05-01' + to_months(cast(m as integer)) as date) as month, 180 - m * 25 as reach from generate_series(0, 6) as s(m)
    union all select null, 180
) as months cross join generate_series(0, 180) as t(d);
create table retention.lifecycle as
select week_start, 120 + i + cast(noise(i) * 40 as bigint) as active, 20 + i % 5 as new, 60 + i as returning,
    40 + cast(noise(i) * 40 as bigint) - i % 5 as resurrecting, -(50 + i % 7) as dormant, true as is_complete, true as is_compared, null::varchar as reason
from weeks;
create table retention.transitions as
select month_start, from_state, to_state, members, sum(members) over (partition by month_start, from_state) as from_members,
    members / sum(members) over (partition by month_start, from_state) as share
from (values
    (date '2026-10-01', 'none', 'new', 90), (date '2026-10-01', 'none', 'left', 4), (date '2026-10-01', 'daily', 'daily', 30), (date '2026-10-01', 'daily', 'weekly', 12),
    (date '2026-10-01', 'weekly', 'dormant', 21), (date '2026-10-01', 'weekly', 'left', 3), (date '2026-09-01', 'new', 'dormant', 7)
) as t(month_start, from_state, to_state, members);
create table revenue.rfm as
select 'member-' || n as member_id, cast(n % 90 as bigint) as recency_days, cast(1 + n % 7 as bigint) as frequency, cast(20 + noise(n) * 300 as decimal(18, 2)) as monetary,
    5 - n % 5 as r, 1 + n // 5 % 4 as f, 1 + n % 5 as m, case when n % 5 = 0 then 'champions' when n % 5 = 4 then 'hibernating' else 'at_risk' end as segment
from generate_series(1, 300) as s(n);
create table revenue.lifetime_value as
select member_id, 1.5 as expected_purchases_90d, noise(frequency * 31 + r) * 900 as expected_value_365d, 0.4 + noise(r) * 0.5 as probability_alive,
    true as is_shown, null::varchar as reason
from revenue.rfm;
create table revenue.lifetime_value_parameters as
select 'mbg_nbd' as model, 'r' as parameter, 0.7 as value, 0.1 as standard_error, -900.0 as log_likelihood, 300::bigint as buyers, 240::bigint as repeat_buyers,
    true as is_shown, null::varchar as reason;
create table revenue.cohort_value as
select 'join' as cohort_kind, a.week_start as cohort_week, cast(k as bigint) as week_index, cast(a.week_start + 7 * cast(k as integer) as date) as week_start, a.new_members as cohort_size,
    cast(a.new_members * (3 + k * noise(w.i)) as decimal(18, 2)) as cumulative_net, case when w.i + k <= 25 then 3 + k * noise(w.i) end as value_per_member,
    w.i + k <= 25 as is_complete, case when w.i + k > 25 then 'not_mature' end as reason
from acquisition.weekly as a join weeks as w using (week_start) cross join generate_series(0, 12) as s(k);
create table revenue.products as
select 'p' || n as product_id, case when n = 1 then 'Tea' when n = 3 then '=1+1 <i>' else '商品 ' || n end as product_name, cast(case when n = 1 then -4500 else 0 end as decimal(18, 2)) as refunds_30d, cast(n as bigint) as rank,
    n / 180.0 as product_share, 1 - power(1 - n / 180.0, 4) as cumulative_share, power(1 - (n - 1) / 180.0, 4) - power(1 - n / 180.0, 4) as revenue_share,
    cast(4000 - n * 20 as decimal(18, 2)) as net_revenue, 700 - n as orders, case when n = 7 then 3 else 400 - n end::bigint as buyers, n <= 4 as is_hit, case when n = 5 then 0 else 60 - n % 50 end::bigint as orders_30d,
    case when n <> 5 then n % 9 / 20.0 end as refund_rate, case when n = 5 then 'no_paid_orders' end as reason
from generate_series(1, 180) as s(n);
insert into revenue.products by name select null as product_id, 90000.0 as net_revenue, 5000 as orders, 12 as buyers, false as is_hit, 'no_product' as reason;
create table revenue.preorders as
select week_start, 10 + i % 4 as deposits, 200 + i as paid_orders, (10 + i % 4) / (200.0 + i) as deposit_share, 8 + i % 3 as balances_due, 7 as balances_paid_on_time,
    7 / (8.0 + i % 3) as on_time_rate, case when i < 24 then i % 2 end as deposits_refunded, case when i < 24 then i % 2 / (10.0 + i % 4) end as deposit_refund_rate,
    true as is_complete, i < 24 as is_refund_complete, case when i >= 24 then 'not_mature' end as reason
from weeks where i >= 5;
create table revenue.stored_value as
select case when n < 60 then 'member-' || n end as member_id, cast(100 + n as decimal(18, 2)) as recharged, cast(n % 20 as decimal(18, 2)) as bonus, cast(60 + n % 30 as decimal(18, 2)) as spent,
    cast(n % 5 as decimal(18, 2)) as refunded, cast(40 + n + n % 20 - n % 30 - n % 5 as decimal(18, 2)) as open_balance
from generate_series(1, 60) as s(n);
create table acquisition.channels as
select week_start as cohort_week, channel, scene, new_members, early_exit_members, cast(new_members * 0.6 as bigint) as activated_members,
    case when i < 21 then cast(new_members * c * 0.05 as bigint) end as buyers, case when channel = 'unknown' then 0.0 else new_members * c * 1.5 end::decimal(18, 2) as cost,
    i < 26 as is_complete, i < 25 as is_exit_complete_7d, i < 25 as is_complete_7d, i < 21 as is_order_complete_30d, case when i >= 21 then 'not_mature' end as reason
from (
    select *, cast(c * (2 + noise(i * 5 + c) * 3) as bigint) as new_members, cast(c * noise(i + c) as bigint) as early_exit_members
    from weeks cross join (values (3, 'partner-b', 'qr'), (5, 'store_desk', 'qr'), (2, 'store_desk', 'link'), (4, 'unknown', 'direct'), (1, '=cmd <b>x', 'qr')) as t(c, channel, scene)
    where i % 6 = 0 or channel <> '=cmd <b>x'
)
union all
select date '2026-09-07', 'group', 'unknown', 0, 0, 0, 0, 320, true, true, true, true, 'no_new_members';
create table referral.flows as
select a.group_id as from_group, case when a.group_id = 'g02' then 'unknown' else b.group_id end as to_group, cast(max(1 + noise(a.members_now + b.members_now * 3) * 20) as bigint) as joined,
    1::bigint as inviters
from core.groups as a join core.groups as b on a.group_id = b.group_id or b.group_id = 'g08' group by 1, 2;

create table referral.quality as
select s.source, w.week_start as cohort_week, s.members + cast(noise(w.i) * 6 as bigint) as members,
    case when w.i < 25 then cast(floor((s.members + cast(noise(w.i) * 6 as bigint)) * s.stayed) as bigint) end as survived_7d_members,
    case when w.i < 25 then cast(floor((s.members + cast(noise(w.i) * 6 as bigint)) * s.active) as bigint) end as activated_7d_members,
    case when w.i < 21 then cast(floor((s.members + cast(noise(w.i) * 6 as bigint)) * s.bought) as bigint) end as buyer_30d_members,
    w.i < 21 as is_complete, case when w.i >= 21 then 'not_mature' end as reason
from weeks as w cross join (values ('invited', 14::bigint, 0.7, 0.3, 0.3), ('not_invited', 48, 0.9, 0.32, 0.2)) as s(source, members, stayed, active, bought);
create table referral.abuse as
select 'wm-inviter-' || lpad(cast(i as varchar), 4, '0') as inviter_id, 6 + i as rewarded, 5 + i as judged, case when i <= 13 then 15 - i else 0 end::bigint as left_within_48h,
    case when i = 20 then 1 else 0 end::bigint as self_invites, case when i = 2 then 1 else 0 end::bigint as paid_twice, 0::bigint as rewarded_not_new,
    (case when i <= 13 then 15 - i else 0 end + case when i in (2, 20) then 1 else 0 end)::bigint as abused,
    (case when i <= 13 then 15 - i else 0 end + case when i in (2, 20) then 1 else 0 end) / cast(5 + i as double) as abuse_rate,
    cast(30 + 5 * i as decimal(18, 2)) as reward_cost, cast(5 * (case when i <= 13 then 15 - i else 0 end) as decimal(18, 2)) as abused_cost, true as is_complete, null::varchar as reason
from generate_series(1, 40) as s(i);
create table quality.builds as
select * from (values (1::bigint, '2026-W45', 0::bigint), (2, '2026-W46', 32)) as t(build, report_week, restated);
create table quality.restatements as
select 2::bigint as build, 'revenue.weekly' as table_name, cast(week_start as varchar) as key, week_start as first_day, 'gmv' as metric, cast(gmv as double) - 100 as value_before,
    cast(gmv as double) as value_now, 3::bigint as because_of_load, '=late <b>orders.csv' as because
from revenue.weekly where week_start between date '2026-09-07' and date '2026-11-02'
union all select 2, 'acquisition.weekly_by_group', group_id || ' ' || week_start, week_start, 'opened', opened + 1, opened, null, 'settings, models or software'
from acquisition.weekly_by_group where week_start between date '2026-10-26' and date '2026-11-02'
union all select 2, 'scorecard.weekly', '2026-10-05 exit_rate', date '2026-10-05', 'value', 0.02, null, 3, '=late <b>orders.csv'
union all select 1, 'retention.cohorts', '2026-09-28 4', date '2026-10-26', 'retention_rate', 0.1, 0.125, null, 'somebody was forgotten'
union all select 1, 'other.table', 'x 2026-10-05', date '2026-10-05', 'mystery', 1, 2, null, 'somebody was forgotten';
