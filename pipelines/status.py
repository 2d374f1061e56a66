"""What `groupfunnel status` tells: what was loaded, what is covered, what failed, how old the report is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import EXIT_ATTENTION, EXIT_OK, EXIT_REFUSED, EXIT_STALE, InputRefused
from pipelines.home import Home
from pipelines.keeping import kept_warehouses
from pipelines.layout import check_layout
from pipelines.publish import stamp_of
from pipelines.runlog import read_log
from pipelines.settings import Settings
from pipelines.warehouse import open_warehouse

SHOWN_WEEKS = 8
EVENT_KINDS = ("join", "message", "order", "invite")
# Verbs whose failure leaves something undone, and ends that are none yet.
JUDGED = frozenset({"run", "load", "build", "report"})
UNDECIDED = frozenset({"at work", "not finished"})
EXITS = {"fresh": EXIT_OK, "stale": EXIT_STALE, "failed": EXIT_ATTENTION, "nothing": EXIT_REFUSED}


def status(home: Home, settings: Settings, now: datetime) -> dict[str, Any]:
    """The state of a home at `now` as plain data; `warehouse` is None where nothing was published yet.

    `state` is fresh, stale, failed (the last run) or nothing (published yet), `why` says it in words, and
    EXITS gives its exit code. Raises InputRefused when the warehouse cannot be read.
    """
    pages = [folder / "latest" / "index.html" for folder in (home.reports, home.shared)]
    latest = next((page for page in pages if page.exists()), None)
    last, failed = last_runs(home)
    told: dict[str, Any] = {
        "home": str(home.root),
        "project": settings.project.name,
        "warehouse": None,
        "waiting_load": home.loaded.exists(),
        "report": str(latest) if latest else None,
        "last_run": last,
        "last_failed": failed,
        "kept_warehouses": len(kept_warehouses(home)),
    }
    if home.warehouse.exists():
        connection = open_warehouse(home.warehouse, read_only=True)
        try:
            check_layout(connection, home.warehouse)
            told |= _published(connection, home)
            told |= _ages(connection, settings, now)
        except duckdb.Error as error:
            raise InputRefused(
                f"{home.warehouse} is no warehouse that this version of groupfunnel published "
                f"({str(error).splitlines()[0]}). Build it again from the exports: groupfunnel run --full"
            ) from error
        finally:
            connection.close()
        told["report_is_behind"] = latest is not None and told.pop("fingerprint") not in (
            stamp_of(home.reports), stamp_of(home.shared),
        )  # fmt: skip
    told["state"], told["why"] = _state(told, settings)
    return told


def last_runs(home: Home) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """(the last run, the last one that failed and that no later one has made good), from their logs.

    A run that another kept out does not count. A later success of the same verb, or of `run`, makes good.
    """
    last: dict[str, Any] | None = None
    good: set[str] = set()
    for path in sorted(home.logs.glob("*.jsonl"), reverse=True):
        told = _told(path)
        if told is None or told["outcome"] == "locked":
            continue
        last = last or told
        if told["outcome"] == "ok":
            good.add(told["verb"])
            if told["verb"] == "run":
                break
        elif told["verb"] in JUDGED - good and told["outcome"] not in UNDECIDED:
            return last, told
    return last, None


def _told(path: Path) -> dict[str, Any] | None:
    """A run's log in one: its beginning, its end, and the step that was not done."""
    events = read_log(path)
    if not events:
        return None
    ends = [one for one in events if one.get("event") == "end"]
    end = ends[-1] if ends else {"outcome": _unfinished(events)}
    steps = [one.get("name") for one in events if one.get("event") == "step" and not one.get("is_done")]
    return {
        "log": str(path),
        "verb": str(events[0].get("verb")),
        "started_at": events[0].get("at"),
        "step": steps[-1] if steps else None,
        **{key: end.get(key) for key in ("outcome", "exit_code", "seconds", "error")},
    }


def _unfinished(events: list[dict[str, Any]]) -> str:
    """What became of a run whose log has no end: it works still, or something killed it."""
    pid = events[0].get("pid") if events else None
    if not isinstance(pid, int) or os.name == "nt":
        return "not finished"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "killed"
    except OSError:
        pass
    return "at work"


def _state(told: dict[str, Any], settings: Settings) -> tuple[str, list[str]]:
    why = []
    run = told["last_failed"]
    if run is not None:
        where = f" in {run['step']}" if run["step"] else ""
        code = f", exit code {run['exit_code']}" if run["exit_code"] is not None else ""
        why.append(f"the last {run['verb']} was {run['outcome']}{where}{code}: what stands is from before it")
    is_failed = run is not None
    if told["warehouse"] is None:
        return "failed" if is_failed else "nothing", why
    limit, age = settings.operations.stale_after_days, told["age_days"]
    is_stale = False
    if told["report"] is None:
        is_stale = True
        why.append("there is no report: groupfunnel report")
    elif told["report_is_behind"]:
        is_stale = True
        why.append("the report is not of the warehouse that stands: groupfunnel run")
    if age is not None and age < 0:
        is_stale = True
        why.append(f"the data end {-age} days from now: is the clock of this machine right?")
    elif limit and settings.project.as_of is None and age is not None and age > limit:
        is_stale = True
        why.append(f"the report's week ended {age} days ago (limit {limit}): export newer days, then run")
    return "failed" if is_failed else "stale" if is_stale else "fresh", why


def _ages(connection: duckdb.DuckDBPyConnection, settings: Settings, now: datetime) -> dict[str, Any]:
    """Days from the last day of the report's week to today, and the newest event that was loaded."""
    today = now.astimezone(settings.zone).date()
    row = connection.execute("select report_week_start + 6 from core.settings").fetchone()
    last = row[0] if row else None
    last_day: date | None = last.date() if isinstance(last, datetime) else last
    newest = connection.execute("select max(occurred_at) from core.events").fetchone()
    at = newest[0].replace(tzinfo=UTC).astimezone(settings.zone) if newest and newest[0] else None
    return {
        "time_zone": settings.project.time_zone,
        "today": str(today),
        "report_last_day": str(last_day) if last_day else None,
        "age_days": (today - last_day).days if last_day else None,
        "newest_event": at.isoformat(timespec="minutes") if at else None,
        "newest_event_days": (today - at.date()).days if at else None,
    }


def _published(connection: duckdb.DuckDBPyConnection, home: Home) -> dict[str, Any]:
    """What a published warehouse tells of itself."""
    told: dict[str, Any] = {}
    told["warehouse"] = str(home.warehouse)
    told["warehouse_bytes"] = home.warehouse.stat().st_size
    told["built_at"] = datetime.fromtimestamp(home.warehouse.stat().st_mtime, UTC).isoformat(
        timespec="seconds"
    )
    weeks = _weeks(connection)
    told["weeks"] = [str(label) for label in weeks["label"]]
    told["kinds"] = [
        dict(zip(("kind", "files", "rows", "rejected", "covered_from", "covered_to"), row, strict=True))
        | ({"days_of_weeks": weeks[row[0]]} if row[0] in EVENT_KINDS else {})
        for row in connection.execute(
            """
            select event_kind, count(*), sum(rows_kept), sum(rows_rejected),
                cast(min(covered_from) as varchar), cast(max(covered_to) as varchar)
            from raw.loads group by event_kind order by min(load_id)
            """
        ).fetchall()
    ]
    found = connection.execute("select report_week, cast(report_at as varchar) from core.settings").fetchone()
    told["report_week"], told["report_at"] = found or (None, None)
    told["checks"] = dict(
        connection.execute(
            "select outcome, count(*) from quality.checks group by all order by all"
        ).fetchall()
    )
    told["failed_checks"] = [
        dict(zip(("check", "table", "severity", "outcome", "message"), row, strict=True))
        for row in connection.execute(
            "select check_name, table_name, severity, outcome, message from quality.checks "
            "where outcome <> 'passed' order by severity, check_name"
        ).fetchall()
    ]
    told["models"] = int((connection.execute("select count(*) from quality.models").fetchone() or (0,))[0])
    stamp = connection.execute("select fingerprint from raw.state").fetchone()
    told["fingerprint"] = stamp[0] if stamp else None
    return told


def _weeks(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    """Covered days per kind of the last weeks up to the report's, from the first with any, in their order."""
    rows = connection.execute(
        f"""
        select week_label, {", ".join(f"{kind}_days" for kind in EVENT_KINDS)} from core.weeks
        where week_start <= (select report_week_start from core.settings) and week_start >= (
            select min(week_start) from core.weeks
            where {" + ".join(f"{kind}_days" for kind in EVENT_KINDS)} > 0
        )
        order by week_start desc limit {SHOWN_WEEKS}
        """
    ).fetchall()
    columns = zip(*reversed(rows), strict=True) if rows else [()] * (1 + len(EVENT_KINDS))
    return dict(zip(("label", *EVENT_KINDS), map(list, columns), strict=True))


def shown_path(path: str, home: Path) -> str:
    """A path inside the home as people say it, else as it is."""
    try:
        return Path(path).relative_to(home).as_posix()
    except ValueError:
        return path
