"""Truth about people: sizes, joins, exits, activity, retention. Each number is one plain query."""

from __future__ import annotations

PEOPLE: dict[str, str] = {
    "people": "select count(*) from people",
    "people_on_day_0": "select count(*) from people where t < 0",
    "people_joined_later": "select count(*) from people where t >= 0",
    "unique_members_at_end": "select count(distinct person) from true_seats",
    "seats_at_end": "select count(*) from true_seats",
    "seats_per_person_ever": "select round(count(distinct (person, g)) / count(distinct person), 3) from seats "
    "join groups using (g) where origin <> 'moved'",
    "group_sizes_at_end_min_quartiles_max": "select [min(members), quantile_disc(members, 0.25), "
    "quantile_disc(members, 0.5), quantile_disc(members, 0.75), max(members)] from true_groups",
    "groups": "select count(*) from groups",
    "groups_open_at_end": "select count(*) from true_groups",
    "staff": "select count(distinct author) from house_seats where author > -1000000",
    "alts": "select count(*) from authors where role = 'alt'",
    "bots": "select count(*) from authors where role = 'bot'",
    "kols": "select count(*) from kols",
    "people_with_two_ids": "select count(*) from people where alias_id is not null",
    "refusers": "select count(*) from people where refuses",
    "group_joins_per_week": "select round(count(*) / getvariable('weeks')::int, 1) from seats where t >= 0",
}
EXITS: dict[str, str] = {
    "group_exits": "select count(*) from seats where exit_kind in ('leave', 'kick')",
    "kicks": "select count(*) from seats where exit_kind = 'kick'",
    "members_lost_to_all_groups": "select count(*) from true_spells where end_t < end_t() "
    "and exit_kind in ('leave', 'kick')",
    "group_exit_rate_per_week": """
        select round(sum(left_seats) / sum(at_start), 5) from (
            select w, count(*) as at_start,
                count(*) filter (where end_t < (w + 1) * 604800 and exit_kind in ('leave', 'kick')) as left_seats
            from seats, range(getvariable('weeks')::int) as n(w)
            where t < w * 604800 and end_t >= w * 604800 group by w)
    """,
    "rejoins_within_24h": "select count(*) from seats join rejoins using (person, g) where stay = 2 and is_quick",
    "rejoins_later": "select count(*) from seats join rejoins using (person, g) where stay = 2 and not is_quick",
    "seats_moved_by_a_merge": "select count(*) from seats where exit_kind = 'moved'",
    "moved_with_a_leave_row": "select count(*) from seats where exit_kind = 'moved' and leave_t is not null",
    "seats_dissolved": "select count(*) from seats where exit_kind = 'dissolved'",
    "seats_dissolved_in_flash_groups": "select count(*) from seats join groups using (g) "
    "where exit_kind = 'dissolved' and special = 'flash'",
    "exits_24h_after_push_per_member": """
        select round(sum(gone) / sum(n), 5) from (
            select push_no, count(*) as n, count(*) filter (
                where s.end_t <= p.t + 86400 and exit_kind in ('leave', 'kick')) as gone
            from pushes as p join seats as s on s.g = p.g and s.t <= p.t and s.end_t > p.t group by push_no)
    """,
    "exits_per_member_and_day_elsewhere": """
        select round(sum(gone) / sum(days), 5) from (
            select count(*) filter (where exit_kind in ('leave', 'kick')) as gone,
                sum((end_t - greatest(t, 0)) / 86400.0) as days
            from seats join groups using (g) where not is_over_promoted)
    """,
}
_MATURE_7D = "(week + 1) * 604800 + 604800 <= end_t()"
_GONE = "exit_kind in ('leave', 'kick')"
COHORTS: dict[str, str] = {
    "early_exit_7d": f"select round(avg((end_t <= t + 604800 and {_GONE})::int), 4) from true_cohorts where {_MATURE_7D}",
    "early_exit_48h": f"select round(avg((end_t <= t + 172800 and {_GONE})::int), 4) from true_cohorts where {_MATURE_7D}",
    "early_exit_7d_invited": f"select round(avg((end_t <= t + 604800 and {_GONE})::int), 4) from true_cohorts "
    f"where {_MATURE_7D} and is_invited",
    "early_exit_7d_invited_without_farmed": f"select round(avg((end_t <= t + 604800 and {_GONE})::int), 4) "
    f"from true_cohorts where {_MATURE_7D} and is_invited and not is_farmed",
    "early_exit_7d_not_invited": f"select round(avg((end_t <= t + 604800 and {_GONE})::int), 4) from true_cohorts "
    f"where {_MATURE_7D} and not is_invited",
    "early_exit_7d_partner_B": f"select round(avg((c.end_t <= c.t + 604800 and {_GONE})::int), 4) "
    f"from true_cohorts as c join people using (person) where {_MATURE_7D} and channel = 'partner:B'",
    "untargeted_partner_B": """
        select round(avg((a.person is null)::int), 4) from true_cohorts as c join people using (person)
        left join (select distinct c.person from true_cohorts as c join true_activity as a on a.person = c.person
            and a.what in ('post', 'order') and a.t >= c.t and a.t < c.t + 2592000) as a on a.person = c.person
        where channel = 'partner:B' and (c.week + 1) * 604800 + 2592000 <= end_t()
    """,
    "activated_7d": f"""
        select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.t >= c.t
            and a.t < c.t + 604800))::int), 4) from true_cohorts as c where {_MATURE_7D}
    """,
    "activated_24h": f"""
        select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.t >= c.t
            and a.t < c.t + 86400))::int), 4) from true_cohorts as c where {_MATURE_7D}
    """,
    "in_a_group_30d_after_joining": """
        select round(avg((exists (select 1 from true_spells as s where s.person = c.person and s.t <= c.t + 2592000
            and s.end_t >= c.t + 2592000))::int), 4) from true_cohorts as c
        where (week + 1) * 604800 + 2592000 <= end_t()
    """,
    "first_order_30d": """
        select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t >= c.t
            and o.paid_t < c.t + 2592000))::int), 4) from true_cohorts as c where (week + 1) * 604800 + 2592000 <= end_t()
    """,
    "first_order_30d_invited": """
        select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t >= c.t
            and o.paid_t < c.t + 2592000))::int), 4) from true_cohorts as c
        where (week + 1) * 604800 + 2592000 <= end_t() and is_invited
    """,
    "first_order_30d_not_invited": """
        select round(avg((exists (select 1 from true_orders as o where o.person = c.person and o.paid_t >= c.t
            and o.paid_t < c.t + 2592000))::int), 4) from true_cohorts as c
        where (week + 1) * 604800 + 2592000 <= end_t() and not is_invited
    """,
    "spoken_30d_after_joining": """
        select round(avg((exists (select 1 from true_activity as a where a.person = c.person and a.what = 'post'
            and a.t < c.t + 2592000))::int), 4) from true_cohorts as c where (week + 1) * 604800 + 2592000 <= end_t()
    """,
    "joiners_who_bought_before": "select count(*) from true_cohorts where was_customer",
}


def retention(condition: str) -> str:
    """Query of the shares active in week 1 … 12 after the joining week, pooled over complete cells."""
    return f"""
        with cells as (
            select c.person, c.week, k from true_cohorts as c, range(1, 13) as n(k)
            where c.week + k < getvariable('weeks')::int
        ), seen as (
            select distinct person, week_of(t) as week from true_activity where {condition}
        )
        select round(count(s.person) / count(*), 4) from cells as c
        left join seen as s on s.person = c.person and s.week = c.week + c.k group by k order by k
    """


ACTIVITY: dict[str, str] = {
    "weekly_actives_mean": """
        select round(avg(n), 1) from (select week_of(t) as week, count(distinct person) as n
            from true_activity where t >= 0 group by 1)
    """,
    "messages": "select sum(messages) from author_days",
    "messages_by_members": "select sum(messages) from author_days where author > 0",
    "messages_by_staff": "select sum(messages) from author_days where author < 0 and author > -1000000",
    "messages_by_alts": "select sum(messages) from author_days where author < -1000000 and author > -2000000",
    "messages_by_bots": "select sum(messages) from author_days where author < -2000000",
    "questions_share_of_member_messages": "select round(sum(questions) / sum(messages), 4) from author_days where author > 0",
    "questions_answered_by_staff": "select round((select count(*) from answer_times) / sum(questions), 4) "
    "from author_days where author > 0",
    "median_minutes_to_answer_9_to_21": "select round(median(seconds) / 60.0, 1) from answer_times "
    "where asked_t % 86400 between 32400 and 75599",
}


def by_type(value: str) -> str:
    """Query of a value per group type and for all, over the seats at the end in covered groups."""
    return f"""
        with h as (
            select g, author as person, count(*) filter (where first_t >= end_t() - 604800) as hours_7d,
                count(*) filter (where first_t >= end_t() - 2592000) as hours_30d
            from author_hours where what = 'post' group by all
        ), s as (
            select s.*, coalesce(hours_7d, 0) > 0 as talks_7d, coalesce(hours_30d, 0) > 0 as talks_30d,
                exists (select 1 from true_orders as o where o.person = s.person
                    and o.paid_t >= end_t() - 2592000) as buys_30d
            from true_seats as s join groups using (g) left join h using (g, person)
            where not is_never_archived and not lacks_last_week
        )
        select coalesce(group_type, 'all'), round({value}, 4) from s
        group by grouping sets ((group_type), ()) order by 1
    """


BY_TYPE: dict[str, str] = {
    "participation_7d": by_type("avg(talks_7d::int)"),
    "lurkers_30d": by_type("avg((not talks_30d)::int) filter (where t <= end_t() - 2592000 and not refuses)"),
    "buyers_30d": by_type("avg(buys_30d::int)"),
    "silent_buyers_30d": by_type("avg((not talks_30d)::int) filter (where buys_30d and not refuses)"),
    "top_3_share_of_messages_28d": """
        with m as (
            select g, author, sum(messages) as n from author_days join groups using (g)
            where author > 0 and day >= end_t() // 86400 - 28 and not lacks_last_week group by all
        ), r as (select g, n, row_number() over (partition by g order by n desc, author) as place from m),
        s as (select g, sum(n) filter (where place <= 3) / sum(n) as share from r group by g)
        select group_type, round(avg(share), 4) from s join groups using (g) where is_lively group by 1 order by 1
    """,
}
