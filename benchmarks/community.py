"""An invented community of any size as weekly CSV files of the inbox: joins, messages, orders, invites.

Everything is integer arithmetic on a row's number and DuckDB's `hash` of it, so that a hundred million rows
need no join and no sort, and the same seed and version of DuckDB give the same bytes whatever the threads:

- a fifth of the members joins on the first day, the others evenly until the end; three in ten leave, one in
  seven joins a second group; every group has one member of staff, who joined nothing;
- some groups are far busier than others, and in a group few members write most; half of the authors are
  drawn from the newest members. Four messages make a conversation, four in ten of those after the first are
  replies;
- an order for every forty messages, of members and of unknown buyers, some not paid, some cancelled, four in
  a hundred refunded within days; one member in five was invited by an earlier one of the group.

Nobody writes or buys before joining, writes after leaving, or comes back after leaving.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

FIRST_DAY = date(2025, 11, 17)  # a Monday
WEEK = 604_800
BLOCK = 64  # messages of sixteen conversations at a time
PRODUCTS = 200


@dataclass(frozen=True)
class Community:
    """How large it is: messages and members of all weeks together."""

    messages: int
    members: int
    groups: int
    weeks: int = 52
    seed: int = 7

    @property
    def messages_a_week(self) -> int:
        """Rounded to whole blocks of conversations."""
        return max(self.messages // self.weeks // BLOCK, 1) * BLOCK

    @property
    def orders_a_week(self) -> int:
        """One order for every forty messages."""
        return max(self.messages_a_week // 40, 1)

    @property
    def end_day(self) -> date:
        """The day after the last."""
        return FIRST_DAY + timedelta(weeks=self.weeks)

    def days_of(self, week: int) -> tuple[date, date]:
        """First and last day of a week, counted from 0."""
        first = FIRST_DAY + timedelta(weeks=week)
        return first, first + timedelta(days=6)


def _macros(c: Community) -> str:
    """What a member is and does, as functions of the number of the member, message or order."""
    early, end, slots = max(c.members // 5, 1), c.weeks * WEEK, 2 * c.groups
    return f"""
    create macro drawn(number, salt) as hash(cast(number as bigint) * 64 + salt, {c.seed});
    create macro part(h, shift, values) as cast((h >> shift) & 65535 as bigint) * values // 65536;
    -- Falls from many to few: the third power of an even number between 0 and 1, times values (to 30,000).
    create macro few(h, shift, values) as
        cast((h >> shift) & 65535 as bigint) * cast((h >> shift) & 65535 as bigint)
        * cast((h >> shift) & 65535 as bigint) // 4294967296 * values // 65536;
    create macro clock(moment) as timestamp '{FIRST_DAY}' + to_seconds(moment);
    -- A tenth of a day's events falls between midnight and eight; share is in millionths of a day's events.
    create macro second_of_day(share) as case when share < 100000 then share * 28 // 100
        else 28000 + (share - 100000) * 58300 // 900000 end;
    create macro joined(k) as case when k < {early} then k * 86340 // {early} + 1
        else 86400 + (k - {early}) * ({end} - 86400) // {max(c.members - early, 1)} end;
    create macro joined_before(moment) as case when moment <= 86400 then moment * {early} // 86340
        else {early} + (moment - 86400) * {max(c.members - early, 1)} // ({end} - 86400) end;
    create macro stayed(k) as 86400 + few(drawn(k, 1), 0, 280) * 86400 + part(drawn(k, 1), 16, 86400);
    create macro left_at(k) as case when drawn(k, 2) % 10 < 3 then joined(k) + stayed(k) end;
    create macro is_in(k, moment) as k >= 0 and joined(k) < moment and coalesce(left_at(k) > moment, true);
    create macro group_of(slot) as case when slot < {c.groups} then slot else (slot - {c.groups}) // 2 end;
    create macro member(k) as 'u' || (10000000 + k);
    create macro group_name(g) as 'g' || (10000 + g);
    -- The larger half of a group's members came to its further slots.
    create macro slot_in(g, h) as case when g < {c.groups} // 2
        then [g, {c.groups} + 2 * g, {c.groups} + 2 * g + 1][1 + cast(h % 3 as bigint)] else g end;
    create macro in_slot(slot, moment) as
        greatest(0, (joined_before(moment) - slot + {slots} - 1) // {slots});
    -- A member of the slot by then: by habit the early ones, or the newest.
    create macro someone(slot, size, h) as slot + {slots} * case when h & 1 = 0
        then few(h, 8, size) else size - 1 - few(h, 8, size) end;
    """


def _messages(c: Community, week: int) -> str:
    rows = c.messages_a_week
    first = week * rows
    return f"""
    with numbers as (
        select n, drawn(n, 3) as h, n % {BLOCK} // 16 as turn, drawn(n // {BLOCK} * 16 + n % 16, 4) as talk,
            {week * WEEK} + (n - {first}) * 7 // {rows} * 86400
                + second_of_day((n - {first}) * 7 % {rows} * 1000000 // {rows}) as moment
        from (select unnest(range({first}, {first + rows})) as n)
    ),
    placed as (
        select *, few(talk, 0, {c.groups}) as g, drawn(n, 5) as h2 from numbers
    ),
    slotted as (select *, slot_in(g, h) as slot from placed),
    sized as (select *, in_slot(slot, moment) as size from slotted),
    named as (
        select *, case when size > 0 then someone(slot, size, h >> 2) end as one,
            case when size > 0 then someone(slot, size, h2) end as other
        from sized
    ),
    kinds as (
        select *, part(h2, 48, 100) as dice from named
    )
    select 'm' || (1000000000 + n) as message_id, group_name(g) as group_id,
        case when drawn(n, 6) % 40 <> 0 and is_in(one, moment) then member(one)
            when drawn(n, 6) % 40 <> 0 and is_in(other, moment) then member(other)
            else 's' || (10000 + g) end as member_id,
        clock(moment) as occurred_at,
        case when dice < 72 then 'text' when dice < 84 then 'image' when dice < 88 then 'video'
            when dice < 91 then 'voice' when dice < 94 then 'link' when dice < 97 then 'sticker'
            when dice < 99 then 'checkin' else 'red_packet' end as kind,
        case when dice < 72 then 1 + few(h, 46, 400) end as text_length,
        case when dice < 72 then dice % 9 = 0 end as is_question,
        case when dice < 72 then dice % 18 = 1 end as is_emoji_only,
        case when turn > 0 and h2 % 10 < 4 then 'm' || (1000000000 + n - 16) end as reply_to_message_id
    from kinds order by n"""


def _orders(c: Community, week: int) -> str:
    rows = c.orders_a_week
    since = max(week - 2, 0)
    return f"""
    with numbers as (
        select o, drawn(o, 7) as h, drawn(o, 8) as h2, o // {rows} as w,
            o // {rows} * {WEEK} + o % {rows} * 7 // {rows} * 86400
                + second_of_day(o % {rows} * 7 % {rows} * 1000000 // {rows}) as moment
        from (select unnest(range({since * rows}, {(week + 1) * rows})) as o)
    ),
    bought as (
        select *, part(h, 0, 65536) * part(h, 0, 65536) // 65536 * joined_before(moment) // 65536 as k
        from numbers
    ),
    priced as (
        select *, moment + 5 + part(h, 16, 50) as paid, 990 + part(h, 32, 40000) as cents,
            case when h2 % 100 < 3 or joined(k) >= moment or k >= {c.members} then null else k end as buyer,
            case when h2 % 100 < 6 then 'unpaid' when h2 % 100 < 8 then 'cancelled' else 'paid' end as status,
            1 + (h2 >> 40) % 3 as quantity, 'p' || (1000 + (h2 >> 44) % {PRODUCTS}) as product_id
        from bought
    ),
    refunds as (
        select *, paid + 3600 + part(h2, 16, 8) * 86400 as refunded from priced
        where status = 'paid' and h % 25 = 0
    ),
    rows as (
        select o, 0 as place, 'o' || (100000000 + o) as order_id, moment as ordered, cents, buyer,
            case when status <> 'unpaid' then paid end as paid, 'sale' as kind, status, product_id, quantity,
            cast(null as varchar) as refund_of_order_id
        from priced where w = {week}
        union all
        select o, 1, 'r' || (100000000 + o), refunded, -cents, buyer, refunded, 'refund', 'paid', product_id,
            quantity, 'o' || (100000000 + o)
        from refunds where refunded >= {week * WEEK} and refunded < {(week + 1) * WEEK}
    )
    select order_id, clock(ordered) as ordered_at, cast(cents / 100.0 as decimal(18, 2)) as amount,
        member(buyer) as member_id,
        case when is_in(buyer, ordered) then group_name(group_of(buyer % {2 * c.groups})) end as group_id,
        clock(paid) as paid_at, kind, status, product_id, quantity, refund_of_order_id
    from rows order by ordered, o, place"""


def _moves(c: Community) -> str:
    """All joins and leaves, once: `create table moves`."""
    end, slots = c.weeks * WEEK, 2 * c.groups
    return f"""
    create temp table moves as
    with members as (
        select k, k % {slots} as slot, drawn(k, 2) as h, joined(k) as moment from range({c.members}) as t(k)
    ),
    seconds as (
        select k, group_of((slot + 1 + {c.groups} // 3) % {slots}) as g, group_of(slot) as first_g,
            moment + 3600 + part(h, 16, 30) * 86400 as moment
        from members where h % 100 between 10 and 24
    ),
    everything as (
        select k, group_of(slot) as g, moment, 'join' as action from members
        union all select k, g, moment, 'join' from seconds where g <> first_g
        union all select k, group_of(slot), left_at(k), case when h % 7 = 0 then 'kick' else 'leave' end
        from members where left_at(k) is not null
    )
    select group_name(g) as group_id, member(k) as member_id, clock(moment) as occurred_at, action,
        case when action = 'join'
            then ['qr', 'link', 'direct', 'request'][1 + cast(drawn(k, 9) % 4 as bigint)] end as scene,
        case when action = 'join' then 'channel ' || drawn(k, 10) % 12 end as channel, moment, k
    from everything where moment < {end}"""


def _invites(c: Community) -> str:
    """All invitations, once: `create table invitations`."""
    slots = 2 * c.groups
    return f"""
    create temp table invitations as
    with members as (
        select k, drawn(k, 11) as h, k % {slots} as slot, joined(k) as moment from range({c.members}) as t(k)
        where k >= {slots} and drawn(k, 11) % 5 < 2
    ),
    asked as (
        select *, k - {slots} * (1 + few(h, 8, k // {slots})) as inviter,
            moment - 3600 * (1 + part(h, 24, 72)) as invited
        from members
    )
    select 'i' || (10000000 + k) as invite_id, group_name(group_of(slot)) as group_id,
        member(inviter) as inviter_id, clock(invited) as invited_at,
        case when h % 5 = 0 then member(k) else 'v' || (10000000 + k) end as invitee_id,
        case when h % 5 = 0 then clock(moment) end as joined_at, invited as moment, k
    from asked where is_in(inviter, invited)"""


LISTS = {
    "groups": "select group_name(g) as group_id, 'Group ' || g as group_name, "
    "['selling', 'interest', 'vip', 'flash'][1 + g % 4] as group_type, 500 as capacity, "
    "'s' || (10000 + g) as owner_id from range({groups}) as t(g) order by g",
    "members": "select 's' || (10000 + g) as member_id, 'staff' as role from range({groups}) as t(g) "
    "order by g",
    "products": "select 'p' || (1000 + p) as product_id, 'Product ' || p as product_name, "
    "'Category ' || p % 8 as category, cast(5 + p % 90 as decimal(18, 2)) as cost "
    f"from range({PRODUCTS}) as t(p) order by p",
}


def write_lists(connection: duckdb.DuckDBPyConnection, c: Community, folder: Path) -> None:
    """The optional lists: groups, members (staff only) and products."""
    for name, query in LISTS.items():
        _copy(connection, query.format(groups=c.groups), folder / f"{name}.csv")


def write_weeks(connection: duckdb.DuckDBPyConnection, c: Community, folder: Path) -> Iterator[list[Path]]:
    """Write one week after the other; gives the files of each."""
    connection.execute(_moves(c))
    connection.execute(_invites(c))
    for week in range(c.weeks):
        first, last = c.days_of(week)
        span = f"moment >= {week * WEEK} and moment < {(week + 1) * WEEK} order by moment, k"
        queries = {
            "joins": "select group_id, member_id, occurred_at, action, scene, channel from moves "
            f"where {span}, action, group_id",
            "messages": _messages(c, week),
            "orders": _orders(c, week),
            "invites": "select invite_id, group_id, inviter_id, invited_at, invitee_id, joined_at "
            f"from invitations where {span}",
        }
        files = []
        for kind, query in queries.items():
            path = folder / f"{kind}_{first}_{last}.csv"
            _copy(connection, query, path)
            files.append(path)
        yield files


def generate(c: Community, folder: Path, threads: int = 0) -> int:
    """Write the whole inbox; returns its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(config={"threads": threads} if threads else {}) as connection:
        connection.execute(_macros(c))
        write_lists(connection, c, folder)
        for _ in write_weeks(connection, c, folder):
            pass
    return sum(path.stat().st_size for path in folder.iterdir())


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    name = str(path).replace("'", "''")
    connection.execute(f"copy ({query}) to '{name}' (header, timestampformat '%Y-%m-%d %H:%M:%S')")
