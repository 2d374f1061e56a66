"""Put what changed in order: by the net revenue of a week that is at stake, as far as it can be told."""

from __future__ import annotations

from datetime import date

from pipelines.report.context import Build
from pipelines.report.kpis import Card, latest
from pipelines.report.numbers import known, written
from pipelines.report.pages.findings import Change
from pipelines.report.text import Text, plain, sentence, word

KINDS = {
    "group_worse": "groups.html",
    "exits_after_push": "campaigns.html#pushes",
    "slow_response": "owners.html#owners",
    "refund_burst": "revenue.html",
}
PAGES = {
    "groups.html": "groups",
    "campaigns.html#pushes": "campaigns",
    "owners.html#owners": "owners",
    "revenue.html": "revenue",
}


def stake_of(one: Card, build: Build, week: date) -> float | None:
    """Return how much net revenue a week's number is off the middle of its usual range; None if unpriced.

    Amounts are taken as they are, buyers at the week's spend per buyer, prices at its orders or buyers.
    """
    if one.raw is None or one.low is None or one.high is None:
        return None
    off = abs(one.raw - (one.low + one.high) / 2)
    prices = {
        "buyers": value_of(build, "spend_per_buyer"),
        "spend_per_buyer": value_of(build, "buyers"),
        "average_order_value": build.orders.get(week),
    }
    if one.metric.key in prices:
        price = prices[one.metric.key]
        return None if price is None else off * price
    return off if one.metric.unit == "money" else None


def value_of(build: Build, name: str) -> float | None:
    """Return the newest value of a number of the first page."""
    row = latest(build.scores.get(name, []))
    return None if row is None else known(row["value"])


def alerts(build: Build) -> list[tuple[float | None, Change]]:
    """Return the week's alerts of groups, owners and products, one finding a kind, with what is at stake.

    At stake are, for a week: a group's net revenue of 28 days / 4, an owner's net revenue, a product's
    refunds of 30 days x 7 / 30.
    """
    if not build.warehouse.has("scorecard.alerts"):
        return []
    rows = build.warehouse.rows(
        f"""
        select a.alert, a.subject_kind, a.subject, a.sentence_en, a.sentence_zh, {_stakes(build)} as stake
        from scorecard.alerts as a
        where a.week_start = ?
        order by stake desc nulls last, a.size desc, a.subject
        """,
        [build.facts.week_start],
    )
    found: list[tuple[float | None, Change]] = []
    for kind, href in KINDS.items():
        mine = [row for row in rows if row["alert"] == kind]
        if not mine:
            continue
        known_stakes = [stake for row in mine if (stake := known(row["stake"])) is not None]
        total = sum(known_stakes) if known_stakes else None
        first = sentence(mine[0]["sentence_zh"], mine[0]["sentence_en"])
        link = word("index.see", page=word(f"nav.{PAGES[href]}"))
        found.append(
            (
                total,
                Change(
                    "bad",
                    word(f"index.changed.{kind}", n=len(mine)),
                    word("index.changed.first", sentence=first),
                    href,
                    link,
                    also=worth(total, build),
                ),
            )
        )
    return found


def worth(total: float | None, build: Build) -> Text:
    """Say what is at stake in a week, nothing where that is not known."""
    if not total or "order" not in build.facts.kinds:
        return plain("")
    return word("index.changed.worth", amount=written(total, "money", build.currency, compact=True))


def _stakes(build: Build) -> str:
    """Return the expression of what is at stake, of the tables that are there."""
    has = build.warehouse.has
    parts = ["when false then null"]
    if has("group_health.groups"):
        parts.append(
            "when a.alert in ('group_worse', 'exits_after_push') then (select max(g.net_revenue_28d) / 4.0"
            " from group_health.groups as g where g.group_id = a.subject)"
        )
    if has("group_health.owners"):
        parts.append(
            "when a.alert = 'slow_response' then (select max(o.net_revenue) from group_health.owners as o"
            " where o.owner_id = a.subject and o.week_start = a.week_start)"
        )
    if has("revenue.products"):
        parts.append(
            "when a.alert = 'refund_burst' then (select max(-p.refunds_30d) * 7 / 30.0"
            " from revenue.products as p where p.product_id = a.subject)"
        )
    return f"cast(case {' '.join(parts)} end as double)"
