"""Rows of scorecard.catalogue about what is said: M20, M22, M23, M34–M41, M90, M95, M98 and M103.

By metrics.md §4 and "What is said in groups" of docs/metrics.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book, median, ratio
from tests.oracle.health import STAFF, covered, responses
from tests.oracle.lifting import Levers
from tests.oracle.pushing import pushes
from tests.oracle.states import health_of
from tests.oracle.world import DAY, HOUR, MEANINGFUL

Row = dict[str, Any]
KEYS = ("concept_id", "measure", "subject_kind", "subject", "period")
MEASURES = (
    "member_share",
    "sender_hhi",
    "two_way_pair_share",
    "reply_share",
    "messages_per_member",
    "messages_per_poster",
    "testimonial_lift",
    "ad_share",
    "promo_posts_per_day",
    "exits_after_promo_ratio",
    "alts",
    "alt_share",
    "median_response_minutes_day",
    "unanswered_rate",
    "on_topic_share",
    "staffed_day_share",
    "unstaffed_group_share",
    "content_posts_per_week",
    "content_week_share",
    "promo_share",
    "selling_group_share",
    "opted_out_share",
    "self_running_share",
    "tag_share",
    "tag_lift",
    "exit_rate_24h",
    "usual_exit_rate_24h",
)
Found = tuple[str, str, str, str | None, str, Any, Any]  # concept, measure, kind, subject, period, k, n


def rows(book: Book) -> list[Row]:
    """The measures that have a value; M88 repeats others and is left out."""
    found: list[Row] = []
    for concept, measure, kind, subject, period, k, n in _all(book):
        value = float(k) if measure == "alts" else ratio(k, n)
        if measure.startswith("median"):
            value, k = k, None
        if value is None:
            continue
        key = (concept, measure, kind, subject or "all", period)
        found.append(dict(zip(KEYS, key, strict=True)) | {"value": value, "numerator": k, "denominator": n})
    return found


class Talk:
    """Messages that count, by group, and which groups were heard how long."""

    def __init__(self, book: Book, at: datetime) -> None:
        self.book, self.at = book, at
        self.open = health_of(book).groups(at)
        self.said: dict[str, list[SimpleNamespace]] = defaultdict(list)
        for m in sorted(book.world.messages, key=lambda m: (m.occurred_at, m.event_key)):
            if m.revoked_at is None and m.kind != "system" and m.occurred_at < at:
                self.said[m.group_id].append(m)

    def is_staff(self, m: SimpleNamespace) -> bool:
        """Staff, owners and admins."""
        return self.book.people.roles.get(m.member_id) in STAFF

    def is_member(self, m: SimpleNamespace) -> bool:
        """A counted member who did not refuse archiving."""
        return (
            self.book.people.is_counted(m.member_id) and self.book.members[m.member_id].consent is not False
        )

    def is_meaningful(self, m: SimpleNamespace) -> bool:
        """A meaningful message of a member."""
        return self.is_member(m) and (m.kind or "text") in MEANINGFUL and not m.is_emoji_only

    def heard(self, days: int) -> list[str]:
        """Groups open at R whose messages of all these days were exported."""
        return [g for g in self.open if covered(self.book, "message", self.at - days * DAY, self.at, g)]

    def of(self, group: str, days: int) -> list[SimpleNamespace]:
        """Messages of the last days, of anybody."""
        return [m for m in self.said.get(group, []) if m.occurred_at >= self.at - days * DAY]


def _all(book: Book) -> Iterator[Found]:
    # A count of people, known without a single message.
    alts = sum(role == "alt" for role in book.people.roles.values())
    yield "M36", "alts", "community", None, "all", alts, None
    yield from _promotion(book)
    at = book.world.report("message") if "message" in book.world.kinds else None
    if at is not None:
        talk = Talk(book, at)
        yield from _shares(talk)
        yield from _senders(talk)
        yield from _replies(talk)
        yield from _answers(talk)
        yield from _staffed(talk)
        yield from _content(talk)
        yield from _conversations(talk)
        yield from _tags(talk)
    yield from _per_member(book)
    yield from _testimonials(book)
    yield from _opted_out(book)


def _sums(concept: str, measure: str, period: str, parts: dict[str, tuple[Any, Any]]) -> Iterator[Found]:
    """A measure of each group, and added up."""
    for group, (k, n) in parts.items():
        yield concept, measure, "group", group, period, k, n
    if parts:
        total = [sum(part[i] for part in parts.values()) for i in (0, 1)]
        yield concept, measure, "community", None, period, total[0], total[1]


def _shares(talk: Talk) -> Iterator[Found]:
    parts: dict[tuple[str, str], dict[str, tuple[int, int]]] = defaultdict(dict)
    roles = talk.book.people.roles
    is_topical = any(m.topic is not None for m in talk.book.world.messages)
    for group in talk.heard(28):
        found = talk.of(group, 28)
        ours = [m for m in found if talk.is_member(m)]
        staff = [m for m in found if talk.is_staff(m)]
        alts = sum(roles.get(m.member_id) == "alt" for m in found)
        promo = sum(m.topic == "promo" for m in staff)
        parts["M20", "member_share"][group] = len(ours), len(ours) + len(staff)
        parts["M36", "alt_share"][group] = alts, len(ours) + len(staff) + alts
        if is_topical:
            parts["M35", "ad_share"][group] = sum(m.topic == "ad" for m in ours), len(ours)
            parts["M35", "promo_posts_per_day"][group] = promo, 28
            parts["M41", "promo_share"][group] = promo, len(staff)
        info = talk.book.world.groups.get(group)
        if info is not None and info.topic is not None:
            about = [_plain(m.subject) for m in ours if m.subject is not None]
            parts["M38", "on_topic_share"][group] = about.count(_plain(info.topic)), len(about)
    for (concept, measure), found_parts in parts.items():
        yield from _sums(concept, measure, "28d", found_parts)
    promo_parts = parts["M41", "promo_share"].values()
    if promo_parts:
        selling = sum(k > n / 2 for k, n in promo_parts if n)
        yield (
            "M41",
            "selling_group_share",
            "community",
            None,
            "28d",
            selling,
            sum(n > 0 for _, n in promo_parts),
        )


def _plain(text: str) -> str:
    return text.strip().lower()


def _senders(talk: Talk) -> Iterator[Found]:
    everybody: Counter[str] = Counter()
    for group in talk.heard(28):
        sent = Counter(m.member_id for m in talk.of(group, 28) if talk.is_member(m) or talk.is_staff(m))
        everybody += sent
        yield "M20", "sender_hhi", "group", group, "28d", *_hhi(sent)
    yield "M20", "sender_hhi", "community", None, "28d", *_hhi(everybody)


def _hhi(sent: Counter[str]) -> tuple[int, int]:
    return sum(n * n for n in sent.values()), sum(sent.values()) ** 2


def _replies(talk: Talk) -> Iterator[Found]:
    if not health_of(talk.book).said.has_replies:
        return
    by_id = {(m.source, m.message_id): m for m in talk.book.world.messages if m.message_id}
    first: dict[tuple[str, str], SimpleNamespace] = {}
    for group, found in talk.said.items():
        for m in found:
            if m.thread_id is not None:
                first.setdefault((group, m.thread_id), m)
    replies = total = 0
    arrows: set[tuple[str, str, str]] = set()
    for group in talk.heard(28):
        for m in talk.of(group, 28):
            if not talk.is_meaningful(m):
                continue
            total += 1
            head = None
            if m.reply_to_message_id is not None:
                head = by_id.get((m.source, m.reply_to_message_id))
                replies += 1
            elif m.thread_id is not None and first[group, m.thread_id] is not m:
                head = first[group, m.thread_id]
                replies += 1
            if head is not None and talk.is_member(head) and head.member_id != m.member_id:
                arrows.add((group, m.member_id, head.member_id))
    pairs = {(g, min(a, b), max(a, b)) for g, a, b in arrows}
    both = sum((g, a, b) in arrows and (g, b, a) in arrows for g, a, b in pairs)
    yield "M22", "two_way_pair_share", "community", None, "28d", both, len(pairs)
    yield "M22", "reply_share", "community", None, "28d", replies, total


def _answers(talk: Talk) -> Iterator[Found]:
    waits: list[float] = []
    questions = silent = 0
    for group in talk.heard(28):
        found = responses(health_of(talk.book).said, group, talk.at - 28 * DAY, talk.at)
        waits += found[0]
        questions += found[1]
        silent += found[2]
    yield "M37", "median_response_minutes_day", "community", None, "28d", median(waits), len(waits)
    yield "M37", "unanswered_rate", "community", None, "28d", silent, questions


def _staffed(talk: Talk) -> Iterator[Found]:
    day = talk.book.world.calendar.day
    parts = {
        g: (len({day(m.occurred_at) for m in talk.of(g, 7) if talk.is_staff(m)}), 7) for g in talk.heard(7)
    }
    yield from _sums("M39", "staffed_day_share", "7d", parts)
    none = sum(k == 0 for k, _ in parts.values())
    yield "M39", "unstaffed_group_share", "community", None, "7d", none, len(parts)


def _content(talk: Talk) -> Iterator[Found]:
    if not any(m.topic is not None for m in talk.book.world.messages):
        return
    calendar, roles = talk.book.world.calendar, talk.book.people.roles
    last = calendar.week(calendar.day(talk.at) - DAY)
    weeks = [last - DAY * 7 * i for i in range(8)]
    posts: dict[str, tuple[int, int]] = {}
    lively: dict[str, tuple[int, int]] = {}
    for group in talk.open:
        days = talk.book.world.days("message", group)
        known = [w for w in weeks if all(w + DAY * i in days for i in range(7))]
        per_week = Counter(
            calendar.week_at(m.occurred_at)
            for m in talk.said.get(group, [])
            if m.topic == "content" and (talk.is_staff(m) or roles.get(m.member_id) == "kol")
        )
        if known:
            posts[group] = sum(per_week[w] for w in known), len(known)
            lively[group] = sum(per_week[w] > 0 for w in known), len(known)
    yield from _sums("M40", "content_posts_per_week", "56d", posts)
    yield from _sums("M40", "content_week_share", "56d", lively)


def _conversations(talk: Talk) -> Iterator[Found]:
    parts = {}
    for group in talk.heard(28):
        found = talk.said.get(group, [])
        staff = [m.occurred_at for m in found if talk.is_staff(m)]
        talks: list[list[SimpleNamespace]] = []
        for m in (m for m in found if talk.is_meaningful(m)):
            if talks and m.occurred_at - talks[-1][-1].occurred_at < HOUR / 2:
                talks[-1].append(m)
            else:
                talks.append([m])
        alone = total = 0
        for lines in talks:
            answer = next((m for m in lines if m.member_id != lines[0].member_id), None)
            begin = lines[0].occurred_at
            if answer is None or len(lines) < 3 or begin < talk.at - 28 * DAY:
                continue
            total += 1
            alone += bisect_left(staff, answer.occurred_at) == bisect_left(staff, begin)
        parts[group] = alone, total
    yield from _sums("M95", "self_running_share", "28d", parts)


def _tags(talk: Talk) -> Iterator[Found]:
    tags = Counter(
        m.tag for g in talk.heard(28) for m in talk.of(g, 28) if m.tag is not None and talk.is_staff(m)
    )
    for tag, n in tags.items():
        yield "M98", "tag_share", "tag", tag, "28d", n, sum(tags.values())
    actual: Counter[str] = Counter()
    expected: dict[str, float] = defaultdict(float)
    for post in Levers(talk.book).posts():
        if post.tag is not None and post.author_role == "staff":
            actual[post.tag] += post.actual
            expected[post.tag] += post.expected
    for tag, usual in expected.items():
        yield "M98", "tag_lift", "tag", tag, "all", actual[tag], usual


def _promotion(book: Book) -> Iterator[Found]:
    at = book.world.report("join")
    if at is None:
        return
    calendar = book.world.calendar
    start = calendar.start(calendar.day(at) - 90 * DAY)
    recent = [p for p in pushes(book) if start <= p["pushed_at"] < at]
    exits: dict[str, tuple[Any, Any]] = {}
    ratios: dict[str, tuple[Any, Any]] = {}
    usual: dict[str, tuple[Any, Any]] = {}
    for group in {p["group_id"] for p in recent}:
        known = [p for p in recent if p["group_id"] == group and p["exits_24h"] is not None]
        both = [p for p in known if p["usual_exits"] is not None]
        if known:
            exits[group] = sum(p["exits_24h"] for p in known), sum(p["members"] for p in known)
        if both:
            expected = sum(p["usual_exits"] for p in both)
            ratios[group] = sum(p["exits_24h"] for p in both), expected
            usual[group] = expected, sum(p["members"] for p in both)
    yield from _sums("M35", "exits_after_promo_ratio", "90d", ratios)
    yield from _sums("M103", "exit_rate_24h", "90d", exits)
    yield from _sums("M103", "usual_exit_rate_24h", "90d", usual)


def _per_member(book: Book) -> Iterator[Found]:
    health = health_of(book)
    if health.report_at is None:
        return
    found = [r for r in health.at(health.report_at).values() if r["messages_7d"] is not None]
    messages = sum(r["messages_7d"] for r in found)
    archived = sum(r["archived_members"] for r in found)
    posters = sum(r["posters_7d"] for r in found)
    yield "M23", "messages_per_member", "community", None, "7d", messages, archived
    yield "M23", "messages_per_poster", "community", None, "7d", messages, posters


def _testimonials(book: Book) -> Iterator[Found]:
    at = book.world.report("activity") if {"message", "order"} <= book.world.kinds else None
    if at is None:
        return
    calendar = book.world.calendar
    since = calendar.start(min(book.world.days("order")) + book.world.settings["order_history_days"] * DAY)
    bought: dict[str, list[datetime]] = defaultdict(list)
    firsts: dict[tuple[str, str], datetime] = {}
    paid: dict[str, datetime] = {}
    for order in book.orders.values():
        if not order.is_paid or order.paid_at is None or order.member_id is None:
            continue
        paid[order.member_id] = min(order.paid_at, paid.get(order.member_id, order.paid_at))
        if order.purchase_number == 1 and order.group_id is not None:
            key = order.member_id, order.group_id
            firsts[key] = min(order.paid_at, firsts.get(key, order.paid_at))
    for (_, group), at_first in firsts.items():
        bought[group].append(at_first)
    seen: set[tuple[str, date]] = set()
    after = before = 0
    talk = Talk(book, at)
    for group, found in talk.said.items():
        times = sorted(bought.get(group, []))
        for m in found:
            if m.topic != "testimonial" or not talk.is_member(m):
                continue
            t, first = m.occurred_at, (group, calendar.day(m.occurred_at))
            if not (m.member_id in paid and paid[m.member_id] < t) or first in seen:
                continue
            seen.add(first)
            if t + 72 * HOUR <= at and t - 672 * HOUR >= since:
                after += bisect_left(times, t + 72 * HOUR) - bisect_left(times, t)
                before += bisect_left(times, t) - bisect_left(times, t - 672 * HOUR)
    yield "M34", "testimonial_lift", "community", None, "all", after, before * 72 / 672


def _opted_out(book: Book) -> Iterator[Found]:
    at = book.world.report("join")
    if at is None or not any(p.opted_out_at is not None for p in book.world.people.values()):
        return
    members = book.members_before(at)
    gone = 0
    for m in members:
        person = book.world.people.get(m)
        gone += person is not None and person.opted_out_at is not None and person.opted_out_at < at
    yield "M90", "opted_out_share", "community", None, "at_report", gone, len(members)


SOURCE = f"""(
    select * from scorecard.catalogue
    where measure in {MEASURES} and concept_id <> 'M88' and value is not null
)"""
