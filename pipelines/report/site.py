"""Write the pages of one week."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from jinja2 import Environment

from pipelines.report.assets import plotly_file, write_own_assets, write_text
from pipelines.report.brief import brief
from pipelines.report.context import Build
from pipelines.report.csv_files import with_csv
from pipelines.report.facts import Facts, gather
from pipelines.report.grouplist import group_columns, group_list
from pipelines.report.kpis import scorecard
from pipelines.report.numbers import known
from pipelines.report.packing import packed
from pipelines.report.pages import (
    acquisition,
    activation,
    campaigns,
    glossary,
    group,
    groups,
    index,
    more,
    own,
    owners,
    quality,
    referral,
    retention,
    revenue,
    summary,
)
from pipelines.report.read import Warehouse, open_views
from pipelines.report.render import Page, environment, render, tag
from pipelines.report.text import Text, word
from pipelines.tables import csv_text

if TYPE_CHECKING:
    from pipelines.settings import Settings

Progress = Callable[[str, int, int], None]
PAGES = (
    index,
    groups,
    owners,
    campaigns,
    acquisition,
    activation,
    retention,
    revenue,
    referral,
    more,
    own,
    quality,
    glossary,
)
NAV = (
    "index",
    "groups",
    "owners",
    "campaigns",
    "acquisition",
    "activation",
    "retention",
    "revenue",
    "referral",
    "more",
    "own",
    "quality",
    "glossary",
)


def build_site(
    connection: duckdb.DuckDBPyConnection, settings: Settings, out_dir: Path, progress: Progress | None = None
) -> list[Path]:
    """Write one week's pages, their data and their assets into `out_dir` and return every path written.

    The pages expect `../assets/` beside `out_dir` to hold plotly.js (`write_shared_assets`). The output
    depends on the warehouse and the settings only. `progress` is called with page, done, total.
    Raises ReportError when the warehouse holds no complete week.
    """
    warehouse = open_views(connection, settings.report.share)
    facts = gather(warehouse, settings)
    build = Build(
        warehouse, facts, scorecard(warehouse, facts.week_start), _orders(warehouse), _group_ids(warehouse)
    )
    env = environment(facts.currency, facts.limits.small_n)
    pages = [page for module in PAGES if (page := module.page(build)) is not None]
    group_pages = group.pages(build)
    written = write_own_assets(out_dir / "assets")
    frame = _frame(facts, settings, {page.path for page in pages})
    total = len(pages) + len(group_pages) + 1
    for done, page in enumerate([*pages, *group_pages, summary.page(pages[0])], start=1):
        html = render(env, _framed(page, frame))
        tables: dict[str, str] = {}
        if page.path != summary.PATH:  # a mail goes out alone
            html, tables = with_csv(html, page.path, "../" * page.path.count("/"))
        written.append(write_text(out_dir / page.path, html))
        written += [write_text(out_dir / file, content) for file, content in tables.items()]
        if progress is not None:
            progress(page.path, done, total)
    written += _group_data(build, env, out_dir)
    written.append(write_text(out_dir / "week.json", _summary(facts, pages[0], settings.report.languages)))
    return written


def _orders(warehouse: Warehouse) -> dict[Any, float]:
    if not warehouse.has("revenue.weekly"):
        return {}
    rows = warehouse.rows("select week_start, paid_orders from revenue.weekly")
    return {row["week_start"]: known(row["paid_orders"]) or 0.0 for row in rows}


def _group_ids(warehouse: Warehouse) -> frozenset[str]:
    if not warehouse.has("group_health.groups", "core.groups"):
        return frozenset()
    return frozenset(
        str(row["group_id"]) for row in warehouse.rows("select group_id from group_health.groups")
    )


def _frame(facts: Facts, settings: Settings, paths: Set[str]) -> dict[str, Any]:
    """Return what every page's frame prints."""
    total = sum(facts.checks.values())
    passed = facts.checks.get("passed", 0)
    return {
        "facts": facts,
        "week_name": facts.week,
        "languages": list(settings.report.languages),
        "language": settings.report.default_language,
        "language_tag": tag(settings.report.default_language),
        "nav": tuple(name for name in NAV if f"{name}.html" in paths),
        "checks_text": word("head.checks", passed=passed, total=total) if total else word("head.no_checks"),
        "checks_bad": total == 0 or passed < total,
        "plotly_file": plotly_file(),
        "has_figures": False,
        "subtitle": None,
    }


def _framed(page: Page, frame: Mapping[str, Any]) -> Page:
    title: Text = page.context["title"]
    root = "../" * page.path.count("/")
    titles = {"title": title, "root": root}
    return Page(page.path, page.template, {**frame, **page.context, **titles})


def _group_data(build: Build, env: Environment, out_dir: Path) -> list[Path]:
    """Write the league table as CSV, and its rows beyond the first 150 as a script."""
    listed = group_list(build)
    written = [write_text(out_dir / "groups.csv", csv_text(groups.csv_rows(listed)))]
    rest = groups.league_rows(listed)[groups.IN_PAGE :]
    if rest:
        row: Any = env.get_template("league.html.j2").make_module({}).row  # type: ignore[attr-defined]
        has = group_columns(listed)
        lines = [str(row(item, has)) for item in rest]
        script = packed(lines, "groupfunnelRows")
        written.append(write_text(out_dir / "assets" / "groups-data.js", script))
    return written


def _summary(facts: Facts, first: Page, languages: Sequence[str]) -> str:
    """Return the week's few numbers for the list of weeks, and the week in short to pass on, as JSON."""
    cards = [
        {"key": one["metric"].key, "zh": one["value"].zh, "en": one["value"].en}
        for one in first.context["cards"]
        if one["raw"] is not None
    ]
    content = {
        "week": facts.week, "range": facts.range, "checks": facts.checks, "cards": cards,
        "brief": brief(facts, first, languages),
    }  # fmt: skip
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
