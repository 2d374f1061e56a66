"""The one screen of `groupfunnel status`: at most 24 lines of 100 columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size

from pipelines.printable import printable
from pipelines.status import EVENT_KINDS, SHOWN_WEEKS, shown_path

WIDTH, LINES = 100, 24
SHOWN_CHECKS = 3
STATES = {"fresh": "FRESH", "stale": "STALE", "failed": "LAST RUN FAILED", "nothing": "NOTHING PUBLISHED YET"}


def screen(told: dict[str, Any]) -> list[str]:
    """The lines of a state, as `pipelines.status.status` tells it."""
    week = f" · week {told['report_week']}" if told.get("report_week") else ""
    lines = [f"{STATES[told['state']]} · {told['project']}{week}"]
    lines += [f"  → {line}" for line in told["why"]]
    failed = told["last_failed"]
    if failed is not None and failed["error"]:
        lines += [f"    {line.strip()}" for line in str(failed["error"]).splitlines()[:2]]
    home = Path(told["home"])
    if told["warehouse"] is None:
        lines.append(f"There is no warehouse in {home.resolve()} yet. Next: groupfunnel run")
        return _fitting([*lines, *_run_lines(told, home)])
    lines += ["", *_report_lines(told, home), *_run_lines(told, home), "", *_kind_lines(told)]
    return _fitting([*lines, *_check_lines(told)])


def _fitting(lines: list[str]) -> list[str]:
    kept = lines if len(lines) <= LINES else [line for line in lines if line]
    short = [printable(line, is_one_line=True) for line in kept[:LINES]]
    return [line if cell_len(line) <= WIDTH else set_cell_size(line, WIDTH - 1) + "…" for line in short]


def _report_lines(told: dict[str, Any], home: Path) -> list[str]:
    lines = []
    if told["report"]:
        ends = f", its week ended {_days(told['age_days'])}" if told["age_days"] is not None else ""
        lines.append(f"report     {shown_path(told['report'], home)}{ends}")
    if told["newest_event"]:
        at = told["newest_event"][:16].replace("T", " ")
        lines.append(f"newest     event {at} {told['time_zone']}, {_days(told['newest_event_days'])}")
    kept = told["kept_warehouses"]
    back = f", {kept} kept before it" if kept else ""
    built = told["built_at"][:16].replace("T", " ")
    size = f"{told['warehouse_bytes'] / 1e6:,.1f} MB"
    lines.append(f"warehouse  built {built} UTC, {told['models']} models, {size}{back}")
    if told["waiting_load"]:
        lines.append("waiting    files were loaded and not built yet: groupfunnel build")
    return lines


def _run_lines(told: dict[str, Any], home: Path) -> list[str]:
    run = told["last_run"]
    if run is None:
        return []
    took = f" in {run['seconds']:,.0f} s" if run["seconds"] is not None else ""
    at = str(run["started_at"])[:16].replace("T", " ")
    return [f"last run   {at} UTC: {run['verb']} {run['outcome']}{took}, {shown_path(run['log'], home)}"]


def _kind_lines(told: dict[str, Any]) -> list[str]:
    events = {kind["kind"]: kind for kind in told["kinds"] if kind["kind"] in EVENT_KINDS}
    lines = [f"export     {'files':>6}{'rows':>12}{'rejected':>10}   {'covered':<25}last {SHOWN_WEEKS} weeks"]
    for kind in EVENT_KINDS:
        if (one := events.get(kind)) is None:
            lines.append(f"{kind:<11}{'–':>6}   not exported")
            continue
        days = one["days_of_weeks"]
        marks = "".join("■" if count == 7 else "▪" if count else "·" for count in days)
        holes = [week for week, count in zip(told["weeks"], days, strict=True) if count < 7]
        more = f" +{len(holes) - 1}" if len(holes) > 1 else ""
        missing = f" missing: {holes[-1]}{more}" if holes else ""
        span = f"{one['covered_from'] or '–'} – {one['covered_to'] or '–'}"
        counts = f"{one['files']:>6,}{one['rows']:>12,}{one['rejected']:>10,}"
        lines.append(f"{kind:<11}{counts}   {span:<25}{marks}{missing}")
    lists = [f"{one['kind']} {one['rows']:,}" for one in told["kinds"] if one["kind"] not in EVENT_KINDS]
    rejected = sum(one["rejected"] for one in told["kinds"])
    return [
        *lines,
        *([f"lists      {', '.join(lists)}"] if lists else []),
        *([f'rejected   {rejected:,} rows: groupfunnel sql "from raw.rejects"'] if rejected else []),
    ]


def _check_lines(told: dict[str, Any]) -> list[str]:
    counts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in told["checks"].items())
    lines = ["", f"checks     {counts}"]
    failed = told["failed_checks"]
    for item in failed[:SHOWN_CHECKS]:
        lines.append(f"  {item['severity']}: {item['message']}")
    if len(failed) > SHOWN_CHECKS:
        more = len(failed) - SHOWN_CHECKS
        lines.append(f"  and {more} more: groupfunnel sql \"from quality.checks where outcome <> 'passed'\"")
    return lines


def _days(count: int) -> str:
    if count < 0:
        return f"{-count} days from now"
    return ("today", "yesterday")[count] if count < 2 else f"{count} days ago"
