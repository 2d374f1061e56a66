"""What is asked every Monday beside the first page's numbers: one line each, and the page that says more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelines.report.context import Build
from pipelines.report.numbers import known, week_label, written
from pipelines.report.pages.campaign_rows import campaign_list, push_weeks
from pipelines.report.pages.owner_rows import SPAN, owner_rows
from pipelines.report.text import Text, joined, plain, word

CHANNELS = 2


@dataclass(frozen=True)
class Answer:
    """A question, its answer in one line, and the page it comes from."""

    key: str
    question: Text
    told: Text
    href: str


def answers(build: Build) -> list[Answer]:
    """Return the questions that the exports can answer."""
    asked: tuple[tuple[str, Callable[[Build], Text | None], str], ...] = (
        ("from", _where_from, "acquisition.html"),
        ("buyers", _buyers, "revenue.html"),
        ("exits", _exits, "campaigns.html"),
        ("campaign", _campaign, "campaigns.html"),
        ("fission", _fission, "referral.html"),
        ("owners", _owners, "owners.html"),
    )
    found = [(key, ask(build), href) for key, ask, href in asked]
    return [Answer(key, word(f"ask.{key}"), told, href) for key, told, href in found if told is not None]


def _where_from(build: Build) -> Text | None:
    """The channels that brought most new members of the week; how they came in is added up."""
    if not build.warehouse.has("acquisition.channels"):
        return None
    rows = build.warehouse.rows(
        """
        select channel, sum(new_members) as new_members from acquisition.channels
        where cohort_week = ? and new_members > 0
        group by channel order by 2 desc, channel
        """,
        [build.facts.week_start],
    )
    told = [(row["channel"], count) for row in rows if (count := known(row["new_members"])) is not None]
    if not told or (len(told) == 1 and told[0][0] == "unknown"):
        return None
    return plain(" · ".join(f"{channel} {count:,.0f}" for channel, count in told[:CHANNELS]))


def _buyers(build: Build) -> Text | None:
    """Buyers of the newest complete week: who bought for the first time, and who had bought before."""
    rows = [row for row in build.weekly("revenue.weekly", limit=1) if row["is_complete"]]
    new, old = (known(rows[-1][name]) if rows else None for name in ("new_buyers", "repeat_buyers"))
    return (
        None if new is None or old is None else word("ask.buyers.told", new=f"{new:,.0f}", old=f"{old:,.0f}")
    )


def _exits(build: Build) -> Text | None:
    """Exits within 24 hours of the week's pushes, and how many there usually are."""
    for row in push_weeks(build)[-1:]:
        exits, usual = known(row["exits_24h"]), known(row["usual_exits"])
        if row["week_start"] == build.facts.week_start and exits is not None and usual is not None:
            pushes = f"{known(row['pushes']) or 0:,.0f}"
            return word("ask.exits.told", pushes=pushes, exits=f"{exits:,.0f}", usual=f"{usual:,.0f}")
    return None


def _campaign(build: Build) -> Text | None:
    """What the newest campaign that is over and whose costs are known left."""
    for one in campaign_list(build) if "order" in build.facts.kinds else []:
        left = known(one.row["contribution"])
        if not one.is_running and left is not None:
            amount = written(abs(left), "money", build.currency)
            return word(
                "ask.campaign.earned" if left >= 0 else "ask.campaign.lost", name=one.label, amount=amount
            )
    return None


def _fission(build: Build) -> Text | None:
    """The cost of an invited member who was still there after 30 days, of the newest week that tells."""
    for row in reversed(build.weekly("referral.weekly")):
        cost, brought = known(row["cost_per_kept_30d"]), known(row["invites_joined"])
        if cost is not None and brought is not None:
            told = written(cost, "price", build.currency)
            return word(
                "ask.fission.told", cost=told, n=f"{brought:,.0f}", week=week_label(row["week_start"])
            )
    return None


def _owners(build: Build) -> Text | None:
    """The owner whose groups sold most, and the one with most groups to look at."""
    rows = [row for row in owner_rows(build) if row["owner_id"] != "unknown"]
    if "order" not in build.facts.kinds or len(rows) < 2 or (best := known(rows[0]["net_revenue"])) is None:
        return None
    amount = written(best, "money", build.currency)
    told = word("ask.owners.told", best=rows[0]["name"], n=SPAN, amount=amount)
    worst = max(rows, key=lambda row: known(row["groups_on_watch"]) or 0)
    if not (groups := known(worst["groups_on_watch"])):
        return told
    return joined([told, word("ask.owners.watch", worst=worst["name"], groups=f"{groups:.0f}")], "", "")
