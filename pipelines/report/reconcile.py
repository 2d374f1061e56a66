"""Our own counts beside the platform's: how much of what the platform counts the exports hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from statistics import fmean

from pipelines.report.metrics import registry
from pipelines.report.numbers import known
from pipelines.report.read import Row, Warehouse
from pipelines.report.text import Text, plain

ORDER = ("seats", "members", "active_members", "posters", "messages", "new_members")
NEWEST, MEAN = ("seats", "members"), ("active_members", "posters")
CLOSE = 0.02


@dataclass(frozen=True)
class Compared:
    """One count of the platform's beside ours.

    `how` is newest (a size), mean (people a day) or sum; `own` and `platform` are over the `days` on which
    both are known; `share` is own / platform, None where the platform counts nothing; `by_day` is
    (day, own, platform) with None for what is unknown.
    """

    metric: str
    label: Text
    how: str
    days: int
    first: date
    last: date
    own: float
    platform: float
    share: float | None
    verdict: str
    by_day: tuple[tuple[date, float | None, float | None], ...]

    @property
    def definition(self) -> str | None:
        """Return the key of the count's definition, None for a count the registry does not have."""
        key = f"platform_{self.metric}"
        return key if key in registry() else None


def compare(warehouse: Warehouse, until: date) -> list[Compared]:
    """Return every compared count up to the day `until`, the known ones first, then by name.

    The project's own line is read where the platform gives one, else its groups are added up over the days
    and groups on which both sides are known.
    """
    if not warehouse.has("quality.reconciliation"):
        return []
    rows = warehouse.rows(
        """
        with scoped as (
            select metric, bool_or(group_id is null) as has_total
            from quality.reconciliation
            group by metric
        )
        select r.metric, r.day,
            sum(r.own_value) filter (where s.has_total or r.platform_value is not null) as own_value,
            sum(r.platform_value) filter (where s.has_total or r.own_value is not null) as platform_value
        from quality.reconciliation as r
        join scoped as s on s.metric = r.metric and (s.has_total = (r.group_id is null))
        where r.day <= ?
        group by r.metric, r.day
        order by r.metric, r.day
        """,
        [until],
    )
    by_metric: dict[str, list[Row]] = {}
    for row in rows:
        by_metric.setdefault(str(row["metric"]), []).append(row)
    found = [one for name, days in by_metric.items() if (one := _compared(name, days)) is not None]
    return sorted(found, key=lambda one: (_rank(one.metric), one.metric))


def _rank(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _compared(name: str, rows: list[Row]) -> Compared | None:
    by_day = tuple((row["day"], known(row["own_value"]), known(row["platform_value"])) for row in rows)
    both = [(day, own, theirs) for day, own, theirs in by_day if own is not None and theirs is not None]
    if not both:
        return None
    how = "newest" if name in NEWEST else "mean" if name in MEAN else "sum"
    own = _summed([own for _, own, _ in both], how)
    platform = _summed([theirs for *_, theirs in both], how)
    share = own / platform if platform > 0 else None
    key = f"platform_{name}"
    return Compared(
        metric=name,
        label=registry()[key].label if key in registry() else plain(name),
        how=how,
        days=len(both),
        first=both[0][0],
        last=both[-1][0],
        own=own,
        platform=platform,
        share=share,
        verdict=_verdict(share),
        by_day=by_day,
    )


def _summed(values: list[float], how: str) -> float:
    if how == "newest":
        return values[-1]
    return fmean(values) if how == "mean" else sum(values)


def _verdict(share: float | None) -> str:
    if share is None:
        return "none"
    if abs(share - 1) <= CLOSE:
        return "close"
    return "less" if share < 1 else "more"


def thinnest(found: list[Compared], under: float) -> Compared | None:
    """Return the count of which the exports hold the smallest share, None when all reach `under` (0-1).

    Active members are left out: platforms count people who only read, which no export shows.
    """
    short = [
        one for one in found if one.share is not None and one.share < under and one.metric != "active_members"
    ]
    return min(short, key=lambda one: (one.share or 0.0, one.metric), default=None)
