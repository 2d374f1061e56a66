"""Writes the export files: CSV by DuckDB, gzip with a fixed header, so that the same seed gives the same bytes."""

from __future__ import annotations

import csv
import gzip
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.sample.build import Plan, run_sql

WEEKLY_FILES = 6
MANY_MESSAGES = 5_000_000  # from here on every file holds one week, to keep the memory small
MESSAGES_PER_WEEK = 3_100  # at scale 1
HISTORY_DAYS = 90
LARGE = 64 * 2**20  # bytes of CSV from which gzip trades size for speed


@dataclass(frozen=True)
class Period:
    """Days of one file, counted from the first generated day; both ends are inside."""

    file_no: int
    from_day: int
    to_day: int

    @property
    def weeks(self) -> int:
        """Whole weeks in the file."""
        return (self.to_day - self.from_day + 1) // 7


def periods(plan: Plan) -> list[Period]:
    """Four-week files (the first takes the remainder), then a file for each of the last six weeks.

    A sample of many messages has a file per week throughout.
    """
    weeks = plan.weeks
    expected = MESSAGES_PER_WEEK * weeks * plan.scale * plan.message_factor
    weekly = weeks if expected > MANY_MESSAGES else min(weeks, WEEKLY_FILES)
    lengths: list[int] = []
    rest = weeks - weekly
    if rest:
        lengths = [4 + rest % 4] + [4] * (rest // 4 - 1) if rest >= 4 else [rest]
    lengths += [1] * weekly
    result, day = [], 0
    for file_no, length in enumerate(lengths):
        result.append(Period(file_no, day, day + 7 * length - 1))
        day += 7 * length
    return result


def _gzip(source: Path, target: Path) -> None:
    level = 6 if source.stat().st_size < LARGE else 3
    with (
        source.open("rb") as plain,
        target.open("wb") as packed,
        gzip.GzipFile("", "wb", compresslevel=level, fileobj=packed, mtime=0) as stream,
    ):
        shutil.copyfileobj(plain, stream, 2**20)
    source.unlink()


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    """Write the rows of `query` to `target`, a `.csv` or `.csv.gz`."""
    plain = target.with_name(target.name.removesuffix(".gz") + (".part" if target.suffix == ".gz" else ""))
    path = str(plain).replace("'", "''")
    connection.execute(f"copy ({query}) to '{path}' (format csv, header)")
    if target.suffix == ".gz":
        _gzip(plain, target)


def _name(table: str, plan: Plan, from_day: int, to_day: int) -> str:
    first: date = plan.start_day + timedelta(days=from_day)
    last: date = plan.start_day + timedelta(days=to_day)
    return f"{table}_{first}_{last}.csv.gz"


JOINS = """
    select group_id, member_id, ts(t) as occurred_at, event_id, action, scene, channel, campaign_id, inviter_id, role
    from join_rows join event_files as f on f.kind = 'join' and f.key_no = event_no
    where f.file_no = {file} order by t, event_no
"""
INVITES = """
    select g.group_id, p.member_id as inviter_id, ts(invited_t) as invited_at, 'i' || invite_no as invite_id,
        invitee_id, ts(joined_t) as joined_at, c.campaign_id,
        case when rewarded_t is not null then 'cash' end as reward_kind,
        case when rewarded_t is not null then 5.00::decimal(18, 2) end as reward_cost,
        ts(rewarded_t) as rewarded_at, case when joined_t is not null then 'joined' else 'sent' end as status
    from invite_rows as i join groups as g using (g) join people as p on p.person = i.inviter
    left join campaigns as c using (campaign_no)
    join event_files as f on f.kind = 'invite' and f.key_no = invite_no
    where f.file_no = {file} order by invited_t, invite_no
"""
ORDERS = """
    select o.order_id, line_number, ts(o.t) as ordered_at, ts(paid_t) as paid_at, member_id, group_id, o.kind,
        case when f.is_reexport then r.new_status else o.status end as status, product_id, quantity, amount,
        discount_amount, cost_amount, refund_of_order_id, campaign_id, channel, leader_id, preorder_id,
        ts(due_t) as due_at, bonus_amount, team_id, ts(team_completed_t) as team_completed_at, 'CNY' as currency
    from order_rows as o
    join event_files as f on f.kind = 'order' and f.key_no = order_key(o.order_no, o.order_id)
    left join reexports as r on r.order_id = o.order_id
    where f.file_no = {file} order by o.t, o.order_id, line_number
"""
MESSAGES = """
    select message_id, group_id, member_id, occurred_at, role, kind, text_length,
        nullif(is_question, false) as is_question, nullif(is_emoji_only, false) as is_emoji_only, subject, tag,
        reply_to_message_id, mentions, revoked_at, campaign_id, product_id, topic, amount, claimed_by
    from file_rows order by t, message_no
"""
SIDE_FILES = {
    "members": """
        select member_id, 'member' as role,
            case when buying >= 2 and u('tier', person, 0) < 0.5 then 'gold' end as tier,
            case when buying >= 2 and u('tier', person, 0) < 0.5
                then ts(greatest(t, 0) + floor((getvariable('end_t') - greatest(t, 0)) * u('tier', person, 1))::bigint)
                end as tier_since,
            region, ts(opt_out_t) as opted_out_at, case when refuses then 'no' else 'yes' end as archive_consent
        from (select people.* from people where person not in (select person from kols))
        union all
        select member_id, 'kol', null, null, region, null, 'yes' from people where person in (select person from kols)
        union all
        select member_id, role, null, null, null, null, 'yes' from authors where author < 0
        order by role desc, member_id
    """,
    "aliases": "select alias_id, member_id from people where alias_id is not null order by 1",
    "campaigns": """
        select campaign_id, campaign_name, campaign_type, channel, wave_number, ts(start_t) as starts_at,
            ts(end_t) as ends_at, (spend * getvariable('scale'))::decimal(18, 2) as spend, null as target
        from campaigns
        union all
        select 'c_member_day', '周四会员日 Member day', 'other', 'group', 1, ts(0), ts(getvariable('end_t')), null, null
        order by starts_at, campaign_id
    """,
    "products": """
        select product_id, product_name, category,
            case when is_cost_known then round(price::double * cost_ratio, 2)::decimal(18, 2) end as cost, is_entry,
            ts(launch_t) as launched_at, ts(launch_t + 259200) as on_sale_at
        from products order by product_id
    """,
    "gifts": """
        select 'gift' || gift_no as gift_id, gift_kind, unit_cost::decimal(18, 2) as unit_cost, ts(issued_t) as issued_at,
            ts(claimed_t) as claimed_at, ts(redeemed_t) as redeemed_at, prize_level, c.campaign_id, p.member_id
        from gifts join people as p using (person) left join campaigns as c using (campaign_no) order by gift_no
    """,
    "coverage": """
        select 'main' as source, 'message' as event_kind, group_id, covered_from, covered_to, null as exported_at
        from declared_coverage order by group_id, covered_from
    """,
    "platform_stats": "select day, null as group_id, metric, value from platform_stats order by day, metric",
    "targets": """
        select metric, getvariable('start_ts')::date + (w * 7)::int as period_start,
            round(base * getvariable('scale') * (1 + 0.004 * w), -1)::bigint as value
        from range(getvariable('weeks')::int) as n(w), (values ('net_revenue', 21000), ('new_members', 110)) as m(metric, base)
        order by metric, period_start
    """,
}
GROUPS = """
    select g.group_id, g.group_name, g.group_type, 500 as capacity, ts(g.created_t) as created_at,
        ts(g.closes_t) as closed_at, null as parent_group_id, s.group_id as successor_group_id, g.region,
        'staff_' || lpad((g.block * 46 + g.owner)::varchar, 2, '0') as owner_id, p.member_id as leader_id, g.topic
    from groups as g left join groups as s on s.g = g.successor_g left join leaders as l on l.g = g.g
    left join people as p on p.person = l.person
    order by g.g
"""


def _write_gb18030(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    result = connection.execute(query)
    names = [column[0] for column in result.description or ()]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(result.fetchall())
    target.write_bytes(text.getvalue().encode("gb18030"))


def _message_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, out_dir: Path, say: Callable[[str], None]
) -> None:
    """One messages file per period; rows exported twice or late are carried to the next file."""
    everything = periods(plan)
    for period in everything:
        connection.execute(f"set variable from_day = {period.from_day}")
        connection.execute(f"set variable to_day = {period.to_day}")
        connection.execute(f"set variable weeks_of_file = {period.weeks}")
        connection.execute(f"set variable is_last_file = {period is everything[-1]}")
        run_sql(connection, "17_messages")
        run_sql(connection, "19_message_file")
        name = _name("messages", plan, period.from_day, period.to_day)
        _copy(connection, MESSAGES, out_dir / name)
        run_sql(connection, "19b_carry")
        say(name)


def write_files(
    connection: duckdb.DuckDBPyConnection, plan: Plan, out_dir: Path, say: Callable[[str], None]
) -> None:
    """Write every export of the built sample to `out_dir`."""
    connection.execute("create table files (file_no int, from_day int, to_day int, weeks int)")
    rows = [(p.file_no, p.from_day, p.to_day, p.weeks) for p in periods(plan)]
    connection.executemany("insert into files values (?, ?, ?, ?)", rows)
    run_sql(connection, "18_files")
    _message_files(connection, plan, out_dir, say)
    run_sql(connection, "20_side_tables")
    for period in periods(plan):
        for table, query in (("joins", JOINS), ("invites", INVITES), ("orders", ORDERS)):
            name = _name(table, plan, period.from_day, period.to_day)
            _copy(connection, query.format(file=period.file_no), out_dir / name)
    _copy(connection, ORDERS.format(file=-1), out_dir / _name("orders", plan, -HISTORY_DAYS, -1))
    for table, query in SIDE_FILES.items():
        _copy(connection, query, out_dir / f"{table}.csv")
    _write_gb18030(connection, GROUPS, out_dir / "groups.csv")
    say("joins, invites, orders and the lists beside them")
