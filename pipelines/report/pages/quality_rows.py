"""The lists of the data quality page: what to export, checks by suite and table, files in, rows rejected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.report.context import Build
from pipelines.report.text import Text, joined, plain, word, words

NEWEST, LOADS, REJECTS = 8, 300, 20
SEVERITIES = ("critical", "error", "warning", "info")
SUITES = ("loaded", "built")


@dataclass(frozen=True)
class Suite:
    """One gate's checks: how many passed of how many, and those that passed as (table, [(name, message)])."""

    name: Text
    passed: int
    total: int
    tables: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def choice(prefix: str, value: object) -> Text:
    """Return the words of a coded value, the value itself where there are none."""
    key = f"{prefix}.{value}"
    return word(key) if key in words() else plain(value)


def listed(value: object) -> str:
    """Write a list column as text; None is empty."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value[:5])
    return str(value)[:400]


def check_rows(build: Build) -> list[dict[str, Any]]:
    """Return every check with its words, the most severe first."""
    if not build.warehouse.has("quality.checks"):
        return []
    rows = build.warehouse.rows("select * from quality.checks order by suite, check_name")
    rank = {name: index for index, name in enumerate(SEVERITIES)}
    rows.sort(key=lambda row: (rank.get(str(row["severity"]), 9), str(row["suite"]), str(row["check_name"])))
    return [
        row
        | {
            "severity_text": choice("q", row["severity"]),
            "outcome_text": choice("q", row["outcome"]),
            "examples_text": listed(row["examples"]),
            "message_text": listed(row.get("message")),
        }
        for row in rows
    ]


@dataclass(frozen=True)
class Lack:
    """What some metrics need and the exports do not hold, or hold in part: `share` of `unit` (0 to 1)."""

    needs: Text
    status: str
    status_text: Text
    share: float | None
    unit: Text | None
    pages: Text


def lacks(build: Build) -> list[Lack]:
    """Return what to export to see more, what is missing altogether first, each with the pages it fills."""
    if not build.warehouse.has("quality.capabilities"):
        return []
    rows = build.warehouse.rows(
        """
        select needs, any_value(needs_zh) as needs_zh, status, min(share_covered) as share,
            arg_min(share_of, share_covered) as unit, page, count(*) as metrics, min(position) as place
        from quality.capabilities
        where status <> 'full'
        group by needs, status, page
        order by status, needs, place
        """
    )
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((str(row["status"]), str(row["needs"])), []).append(row)
    ordered = sorted(
        found.items(), key=lambda one: (one[0][0], -sum(r["metrics"] for r in one[1]), one[0][1])
    )
    return [_lack(status, parts) for (status, _), parts in ordered]


def _lack(status: str, parts: list[dict[str, Any]]) -> Lack:
    least = min(parts, key=lambda row: 2.0 if row["share"] is None else row["share"])
    pages = [
        word("q.can.page", page=choice("nav", row["page"]), n=row["metrics"])
        for row in sorted(parts, key=lambda row: row["place"])
    ]
    return Lack(
        needs=Text(str(parts[0]["needs_zh"]), str(parts[0]["needs"])),
        status=status,
        status_text=word(f"q.can.{status}"),
        share=None if status == "missing" else least["share"],
        unit=choice("q.can.of", least["unit"]) if least["unit"] and status != "missing" else None,
        pages=joined(pages),
    )


def capability_note(build: Build) -> Text | None:
    """Say how many of the metrics can be seen whole, in part and not at all."""
    if not build.warehouse.has("quality.capabilities"):
        return None
    rows = build.warehouse.rows("select status, count(*) as n from quality.capabilities group by status")
    counts = {str(row["status"]): int(row["n"]) for row in rows}
    return word("q.can.note", **{status: counts.get(status, 0) for status in ("full", "partial", "missing")})


def suites(checks: list[dict[str, Any]]) -> list[Suite]:
    """Count the checks of each gate, and group those that passed by the table they are about."""
    names = sorted({str(row["suite"]) for row in checks}, key=lambda name: (_place(name), name))
    found = []
    for name in names:
        mine = [row for row in checks if str(row["suite"]) == name]
        passing = [row for row in mine if row["outcome"] == "passed"]
        tables: dict[str, list[tuple[str, str]]] = {}
        for row in sorted(passing, key=lambda row: (_table(row), str(row["check_name"]))):
            table = _table(row)
            short = str(row["check_name"]).removeprefix(f"{table}.")
            tables.setdefault(table, []).append((short, row["message_text"]))
        found.append(
            Suite(
                choice("q.suite", name),
                len(passing),
                len(mine),
                tuple((table, tuple(entries)) for table, entries in tables.items()),
            )
        )
    return found


def _place(name: str) -> int:
    return SUITES.index(name) if name in SUITES else len(SUITES)


def _table(row: dict[str, Any]) -> str:
    return str(row.get("table_name") or "") or "—"


def load_rows(build: Build) -> tuple[list[dict[str, Any]], list[dict[str, Any]], int]:
    """Return the newest files, the ones before them, and how many there are beyond the page's limit."""
    if not build.warehouse.has("raw.loads"):
        return [], [], 0
    rows = build.warehouse.rows(
        """
        select file_name, source, event_kind, rows_read, rows_kept, rows_duplicate, rows_rejected,
            covered_from, covered_to
        from raw.loads
        order by covered_to desc nulls last, file_name, sha256
        """
    )
    limit = build.facts.limits.rejected_share
    shown = [
        row
        | {
            "kind_text": choice("kind", row["event_kind"]),
            "is_bad": (row["rows_rejected"] or 0) > limit * (row["rows_read"] or 0),
        }
        for row in rows[:LOADS]
    ]
    return shown[:NEWEST], shown[NEWEST:], max(len(rows) - LOADS, 0)


def reject_rows(build: Build) -> list[dict[str, Any]]:
    """Return how many rows were rejected, by column and reason, the commonest first."""
    if not build.warehouse.has("raw.rejects"):
        return []
    return build.warehouse.rows(
        f"""
        select column_name, reason, count(*) as reject_rows, count(distinct load_id) as files from raw.rejects
        group by column_name, reason
        order by reject_rows desc, column_name, reason
        limit {REJECTS}
        """
    )
