"""What every page says first: which week, how fresh, how complete, how well checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pipelines.errors import InputRefused
from pipelines.report.numbers import week_label, written
from pipelines.report.read import Row, Warehouse
from pipelines.report.reconcile import Compared, compare, thinnest
from pipelines.report.text import Text, joined, plain, word

if TYPE_CHECKING:
    from pipelines.settings import Settings

PARTIAL = 0.8  # under this share of the platform's own count an export is called partial
KINDS = ("join", "message", "order", "invite")
ZONES = {
    "Asia/Shanghai": Text("上海", "Shanghai"),
    "Asia/Hong_Kong": Text("香港", "Hong Kong"),
    "Asia/Taipei": Text("台北", "Taipei"),
    "Asia/Singapore": Text("新加坡", "Singapore"),
    "Asia/Tokyo": Text("东京", "Tokyo"),
    "UTC": Text("UTC", "UTC"),
}


class ReportError(InputRefused):
    """The report cannot be made; the message says what to do next."""


@dataclass(frozen=True)
class Limits:
    """The thresholds that turn numbers into words; `silent` and `rejected_share` are 0-1."""

    small_n: int
    unusual_weeks: int
    unusual_min_weeks: int
    unusual_min_base: int
    silent: float
    rejected_share: float


@dataclass(frozen=True)
class Facts:
    """The frame of one week's report.

    `week_start` is the local first day of the last complete week, `through` the printed end of it,
    `kinds` the event kinds that are exported, `watermarks` their printed ends, `checks` outcome -> number.
    """

    project: str
    currency: str
    zone: str
    week_start: date
    week: str
    through: Text
    instant: str
    kinds: tuple[str, ...]
    watermarks: dict[str, str]
    late: dict[str, str]
    checks: dict[str, int]
    groups_covered: int | None
    groups_total: int | None
    matched_share: float | None
    partial: Compared | None
    limits: Limits
    is_shared: bool = False

    @property
    def week_end(self) -> date:
        """Return the last day of the week."""
        return self.week_start + timedelta(days=6)

    @property
    def range(self) -> str:
        """Return the week's days, 11-09 — 11-15."""
        return f"{self.week_start:%m-%d} — {self.week_end:%m-%d}"

    @property
    def trust(self) -> list[Text]:
        """Return the parts of the trust line: coverage, orders matched, what lags, what is missing."""
        parts: list[Text] = [word("head.share")] if self.is_shared else []
        if self.groups_total:
            parts.append(word("head.groups", covered=self.groups_covered, total=self.groups_total))
        if self.matched_share is not None:
            parts.append(word("head.matched", share=written(self.matched_share, "rate")))
        if self.partial is not None:
            share = written(self.partial.share, "rate")
            name = self.partial.label
            short = Text(name.zh.split("(")[0], name.en.split(" (")[0].lower())
            parts.append(word("head.partial", share=share, metric=short))
        parts += [word("head.lag", kind=word(f"kind.{kind}"), when=when) for kind, when in self.late.items()]
        missing = [word(f"kind.{kind}") for kind in KINDS if kind not in self.kinds]
        if missing:
            parts.append(word("head.missing", kinds=joined(missing)))
        return parts


def gather(warehouse: Warehouse, settings: Settings) -> Facts:
    """Read the frame from the warehouse.

    Raises ReportError when there is no settings row or no complete week to report.
    """
    if not warehouse.has("core.settings"):
        raise ReportError("The warehouse has no core.settings: run `groupfunnel run` to build it first.")
    row = warehouse.unprotected().one("select * from core.settings")
    if not row or row.get("report_week_start") is None or row.get("report_at") is None:
        raise ReportError(
            "There is no complete week to report yet: the exports end before one full week has passed. "
            "Add exports that cover a whole week, then run `groupfunnel run` again."
        )
    zone_name = str(row.get("time_zone") or settings.project.time_zone)
    zone = ZoneInfo(zone_name)
    report_at = _naive(row["report_at"])
    week_start = _day(row["report_week_start"])
    marks = {kind: row.get(f"watermark_{kind}_at") for kind in KINDS}
    ends = {kind: _naive(mark) for kind, mark in marks.items() if mark is not None}
    covered, total = _coverage(warehouse, week_start)
    return Facts(
        project=settings.project.name,
        currency=str(row.get("currency") or settings.project.currency),
        zone=zone_name,
        week_start=week_start,
        week=str(row.get("report_week") or week_label(week_start)),
        through=word(
            "head.through", when=_local_end(report_at, zone), zone=ZONES.get(zone_name, plain(zone_name))
        ),
        instant=f"{report_at.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M} {zone_name}",
        kinds=tuple(ends),
        watermarks={kind: _local_end(end, zone) for kind, end in ends.items()},
        late={kind: _local_end(end, zone) for kind, end in ends.items() if end < report_at},
        checks=_checks(warehouse),
        groups_covered=covered,
        groups_total=total,
        matched_share=_matched(warehouse, week_start),
        partial=thinnest(compare(warehouse, week_start + timedelta(days=6)), PARTIAL),
        limits=_limits(row, settings),
        is_shared=settings.report.share,
    )


def _limits(row: Row, settings: Settings) -> Limits:
    """Take the thresholds the build used; a warehouse without them gets those of the settings."""
    given = settings.thresholds

    def pick(name: str) -> float:
        value = row.get(name)
        return float(getattr(given, name) if value is None else value)

    return Limits(
        small_n=int(pick("small_n")),
        unusual_weeks=int(pick("unusual_weeks")),
        unusual_min_weeks=int(pick("unusual_min_weeks")),
        unusual_min_base=int(pick("unusual_min_base")),
        silent=pick("silent_participation"),
        rejected_share=given.rejected_share_warning,
    )


def _naive(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


def _local_end(moment: datetime, zone: ZoneInfo) -> str:
    """Write the end of a day as that day's 24:00."""
    local = moment.replace(tzinfo=UTC).astimezone(zone)
    if local.time() == time():
        return f"{local - timedelta(days=1):%m-%d} 24:00"
    return f"{local:%m-%d %H:%M}"


def _checks(warehouse: Warehouse) -> dict[str, int]:
    if not warehouse.has("quality.checks"):
        return {}
    found = warehouse.rows(
        "select outcome, count(*) as n from quality.checks group by outcome order by outcome"
    )
    return {str(row["outcome"]): int(row["n"]) for row in found}


def _coverage(warehouse: Warehouse, week_start: date) -> tuple[int | None, int | None]:
    """Return how many open groups were covered in every exported kind all week, and how many there are."""
    if not warehouse.has("core.coverage", "core.groups"):
        return None, None
    found = warehouse.one(
        """
        with days as (
            select group_id, bool_and(is_covered) as is_whole, count(distinct day) as days
            from core.coverage
            where day >= cast(? as date) and day < cast(? as date) + 7
                and event_kind in (
                    select c.event_kind from core.coverage as c where c.is_covered group by c.event_kind
                )
            group by group_id
        )
        select count(*) as total, count(*) filter (where days.is_whole and days.days = 7) as covered
        from core.groups
        left join days on days.group_id = core.groups.group_id
        where core.groups.closed_at is null or core.groups.closed_at >= cast(? as timestamp)
        """,
        [week_start, week_start, datetime.combine(week_start, time())],
    )
    return int(found["covered"]), int(found["total"])


def _matched(warehouse: Warehouse, week_start: date) -> float | None:
    if not warehouse.has("revenue.weekly"):
        return None
    row = warehouse.one(
        """
        select unmatched_share from revenue.weekly
        where week_start <= ? and unmatched_share is not null
        order by week_start desc limit 1
        """,
        [week_start],
    )
    return 1 - float(row["unmatched_share"]) if row else None
