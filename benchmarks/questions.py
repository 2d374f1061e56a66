"""The questions that all engines answer, and DuckDB's answers in SQL.

Definitions are those of docs/metrics.md, small enough that every engine gives the same integers; rates are
one division further. The reader is told the first day after the data (`end`, a Monday) and nothing else.

- `retention`: cohort week (Monday of the first join), calendar weeks after it (0 to 12) and how many members
  of the cohort were active in that week: a meaningful message, a check-in or a paid order;
- `funnel`: per cohort week how many were acquired, activated (active within 168 h after the join), retained
  (active in week 4), paid (a paid order within 30 d), referred (an invitee of theirs joined within 30 d),
  and how many of the retained, paid and referred passed all stages before;
- `revenue`: per week GMV and refunds in cents, paid orders, known buyers;
- `groups`: per group its members at the end, how many of them posted in 7 days, their meaningful messages in
  28 days, those of the three loudest, and the sum of place x messages in rising order, zeros included:
  participation, the share of the loudest and the Gini coefficient follow.
"""

from __future__ import annotations

NAMES = ("retention", "funnel", "revenue", "groups")
TABLES = ("messages", "joins", "orders", "invites", "staff")
MEANINGFUL = ("text", "image", "video", "voice", "link", "file", "note", "poll", "order_chain")
ALSO_ACTIVE = ("checkin", "mini_program")
PAID_KINDS = ("sale", "group_buy", "balance_spend", "preorder_deposit")
WEEKS = 12

_KINDS = ", ".join(f"'{kind}'" for kind in MEANINGFUL)
_ACTIVE = f"(kind in ({_KINDS}) and is_emoji_only is not true or kind in ('checkin', 'mini_program'))"
_PAID = "kind in ('sale', 'group_buy', 'balance_spend', 'preorder_deposit') and status <> 'cancelled'"
_MONDAY = "cast(date_trunc('week', {}) as date)"

_FIRSTS = f"""firsts as (
    select member_id, min(occurred_at) as joined_at, {_MONDAY.format("min(occurred_at)")} as cohort_week
    from joins
    where action = 'join' and member_id not in (select member_id from staff)
    group by member_id
),
paid as (
    select member_id, paid_at from orders where {_PAID} and paid_at is not null and member_id is not null
)"""

# From the Parquet files, whose names are views: what the peers do as well.
PARQUET = {
    "retention": f"""
with {_FIRSTS},
active as (
    select member_id, {_MONDAY.format("occurred_at")} as week from messages where {_ACTIVE}
    union
    select member_id, {_MONDAY.format("paid_at")} from paid
)
select cohort_week, (week - cohort_week) // 7 as week_index, count(*) as active_members
from firsts join active using (member_id)
where week - cohort_week between 0 and {7 * WEEKS}
group by all order by all""",
    "funnel": f"""
with {_FIRSTS},
posts as (
    select member_id, occurred_at as moment from messages where {_ACTIVE}
    union all
    select member_id, paid_at from paid
),
activity as (
    select member_id, any_value(cohort_week) as cohort_week,
        bool_or(moment >= joined_at and moment < joined_at + interval 168 hour) as is_activated,
        bool_or(moment >= cohort_week + 28 and moment < cohort_week + 35) as is_retained
    from firsts join posts using (member_id)
    where moment < joined_at + interval 168 hour
        or moment >= cohort_week + 28 and moment < cohort_week + 35
    group by member_id
),
buyers as (
    select distinct member_id from firsts join paid using (member_id)
    where paid_at >= joined_at and paid_at < joined_at + interval 720 hour
),
referrers as (
    select distinct firsts.member_id
    from invites
    join firsts as invitees on invites.invitee_id = invitees.member_id
    join firsts on invites.inviter_id = firsts.member_id
    where invitees.joined_at >= firsts.joined_at and invitees.joined_at < firsts.joined_at + interval 720 hour
        and invites.inviter_id <> invites.invitee_id
),
members_of as (
    select firsts.cohort_week, coalesce(is_activated, false) as a, coalesce(is_retained, false) as r,
        buyers.member_id is not null as p, referrers.member_id is not null as f
    from firsts
    left join activity using (member_id)
    left join buyers using (member_id)
    left join referrers using (member_id)
)
select cohort_week, count(*), count_if(a), count_if(r), count_if(p), count_if(f),
    count_if(a and r), count_if(a and r and p), count_if(a and r and p and f)
from members_of group by all order by all""",
    "revenue": f"""
with sold as (
    select {_MONDAY.format("paid_at")} as week, sum(cents) as gmv, count(*) as paid_orders,
        count(distinct member_id) as buyers
    from orders where {_PAID} and paid_at is not null group by all
),
refunded as (
    select {_MONDAY.format("paid_at")} as week, sum(cents) as refunds
    from orders where kind = 'refund' group by all
)
select week, coalesce(gmv, 0), coalesce(refunds, 0), coalesce(paid_orders, 0), coalesce(buyers, 0)
from sold full join refunded using (week) order by all""",
    "groups": f"""
with gone as (select group_id, member_id from joins where action <> 'join'),
present as (
    select group_id, member_id from joins anti join gone using (group_id, member_id)
    where member_id not in (select member_id from staff)
),
posts as (
    select group_id, member_id, count(*) as messages_28d,
        count_if(occurred_at >= date '{{end}}' - 7) as messages_7d
    from messages
    where occurred_at >= date '{{end}}' - 28 and occurred_at < date '{{end}}'
        and kind in ({_KINDS}) and is_emoji_only is not true
    group by all
),
counts as (
    select group_id, count(*) as members, count(messages_7d) filter (messages_7d > 0) as posters_7d,
        list(coalesce(messages_28d, 0) order by messages_28d nulls first) as rising
    from present left join posts using (group_id, member_id)
    group by group_id
)
select group_id, members, posters_7d, list_sum(rising), list_sum(rising[-3:]),
    list_sum(list_transform(rising, lambda own, place: place * own))
from counts order by all""",
}

# From the tables of the warehouse that analysts are pointed at.
CORE = {
    "retention": f"""
select m.cohort_week, (w.week_start - m.cohort_week) // 7 as week_index, count(*)
from core.members as m
join core.member_weeks as w on m.member_id = w.member_id and w.active_days > 0
where m.is_counted and m.is_join_known and w.week_start - m.cohort_week between 0 and {7 * WEEKS}
group by all order by all""",
    "funnel": """
with week_4 as (select member_id, week_start from core.member_weeks where active_days > 0),
members_of as (
    select m.cohort_week, coalesce(first_active_at < first_joined_at + interval 168 hour, false) as a,
        w.member_id is not null as r,
        coalesce(first_paid_at < first_joined_at + interval 720 hour, false) as p,
        coalesce(first_referred_at < first_joined_at + interval 720 hour, false) as f
    from core.members as m
    left join week_4 as w on m.member_id = w.member_id and w.week_start = m.cohort_week + 28
    where m.is_counted and m.is_join_known
)
select cohort_week, count(*), count_if(a), count_if(r), count_if(p), count_if(f),
    count_if(a and r), count_if(a and r and p), count_if(a and r and p and f)
from members_of group by all order by all""",
    "revenue": f"""
with sold as (
    select {_MONDAY.format("paid_day")} as week, cast(100 * sum(gmv) as bigint) as gmv,
        count(*) as paid_orders, count(distinct case when is_counted then member_id end) as buyers
    from core.orders where is_paid group by all
),
refunded as (
    select {_MONDAY.format("effective_day")} as week, cast(100 * sum(amount) as bigint) as refunds
    from core.order_lines where is_refund and is_revenue group by all
)
select week, coalesce(gmv, 0), coalesce(refunds, 0), coalesce(paid_orders, 0), coalesce(buyers, 0)
from sold full join refunded using (week) order by all""",
    "groups": """
with settings as (
    select timezone('UTC', timezone(time_zone, timestamp '{end}')) as end_at from core.settings
),
present as (
    select s.group_id, s.member_id from core.stays as s, settings
    where s.joined_at < end_at and (s.left_at is null or s.left_at >= end_at)
        and s.member_id not in (select member_id from core.members where not is_counted)
),
posts as (
    select group_id, member_id, sum(meaningful_messages) as messages_28d,
        sum(case when day >= date '{end}' - 7 then meaningful_messages else 0 end) as messages_7d
    from core.member_days
    where day >= date '{end}' - 28 and day < date '{end}' and meaningful_messages > 0
    group by all
),
counts as (
    select group_id, count(*) as members, count(messages_7d) filter (messages_7d > 0) as posters_7d,
        list(coalesce(messages_28d, 0) order by messages_28d nulls first) as rising
    from present left join posts using (group_id, member_id)
    group by group_id
)
select group_id, members, posters_7d, list_sum(rising), list_sum(rising[-3:]),
    list_sum(list_transform(rising, lambda own, place: place * own))
from counts order by all""",
}

# The finished tables of the build, where they are told: a check of the answers, in milliseconds.
BUILT = {
    "retention": "select cohort_week, week_index, active_members from retention.cohorts "
    "where active_members > 0 order by all",
    "funnel": """
select cohort_week, max(members) filter (stage = 'acquired'), max(members) filter (stage = 'activated'),
    max(members) filter (stage = 'retained'), max(members) filter (stage = 'paid'),
    max(members) filter (stage = 'referred'), max(closed_members) filter (stage = 'retained'),
    max(closed_members) filter (stage = 'paid'), max(closed_members) filter (stage = 'referred')
from scorecard.aarrr group by all order by all""",
    "revenue": "select week_start, cast(100 * gmv as bigint), cast(100 * refunds as bigint), paid_orders, "
    "buyers from revenue.weekly order by all",
    "groups": """
select g.group_id, s.members, s.posters_7d, v.messages_28d, v.top3_messages, v.weighted_messages
from group_health.groups as g
join group_health.snapshots as s using (group_id, week_start)
join group_health.voices as v using (group_id, week_start) order by all""",
}

EXPLORE = {
    "retention": "select cohort_start, period_index, members "
    "from explore.retention('join', 'message|checkin|order') where members > 0 order by all"
}
