"""The list of weeks: reports/index.html, newest first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.keeping import WEEK
from pipelines.report.assets import write_own_assets, write_text
from pipelines.report.metrics import registry
from pipelines.report.render import Page, environment, render, tag
from pipelines.report.text import Text, plain, word

if TYPE_CHECKING:
    from pipelines.settings import Settings

SHOWN = ("net_revenue", "new_members", "activated_7d_rate")


def write_week_list(reports_dir: Path, settings: Settings) -> Path:
    """Write `reports_dir`/index.html from the week folders that hold an index page; returns its path."""
    write_own_assets(reports_dir / "assets")
    weeks = sorted(
        (path for path in reports_dir.iterdir() if WEEK.match(path.name) and (path / "index.html").is_file()),
        key=lambda path: path.name,
        reverse=True,
    )
    env = environment(settings.project.currency)
    context = {
        "here": "weeks",
        "title": word("title.weeks"),
        "subtitle": word("head.share") if settings.report.share else plain(settings.project.name),
        "week_name": settings.project.name,
        "languages": list(settings.report.languages),
        "language": settings.report.default_language,
        "language_tag": tag(settings.report.default_language),
        "nav": (),
        "root": "",
        "facts": None,
        "has_figures": False,
        "weeks": [_entry(path) for path in weeks],
    }
    return write_text(reports_dir / "index.html", render(env, Page("index.html", "weeks.html.j2", context)))


def _entry(folder: Path) -> dict[str, Any]:
    """Return a week's name and, where its summary is there, its days and three numbers."""
    entry: dict[str, Any] = {"name": folder.name, "range": "", "numbers": []}
    try:
        summary = json.loads((folder / "week.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return entry
    by_key = {card["key"]: card for card in summary.get("cards", []) if card["key"] in registry()}
    entry["range"] = str(summary.get("range", ""))
    entry["numbers"] = [
        (registry()[key].label, Text(str(by_key[key]["zh"]), str(by_key[key]["en"])))
        for key in SHOWN
        if key in by_key
    ]
    return entry
