"""What `groupfunnel status` tells: what was loaded, what is covered, what failed, how old the report is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.errors import InputRefused
from pipelines.home import Home
from pipelines.warehouse import open_warehouse


def status(home: Home) -> dict[str, Any]:
    """The state of a home as plain data; `warehouse` is None where nothing was published yet."""
    pages = [folder / "latest" / "index.html" for folder in (home.reports, home.shared)]
    latest = next((page for page in pages if page.exists()), None)
    told: dict[str, Any] = {
        "home": str(home.root),
        "warehouse": None,
        "waiting_load": home.loaded.exists(),
        "report": str(latest) if latest else None,
    }
    if not home.warehouse.exists():
        return told
    connection = open_warehouse(home.warehouse, read_only=True)
    try:
        return told | _published(connection, home)
    except duckdb.Error as error:
        raise InputRefused(
            f"{home.warehouse} is no warehouse that this version of groupfunnel published "
            f"({str(error).splitlines()[0]}). Build it again from the exports: groupfunnel run --full"
        ) from error
    finally:
        connection.close()


def _published(connection: duckdb.DuckDBPyConnection, home: Home) -> dict[str, Any]:
    """What a published warehouse tells of itself."""
    told: dict[str, Any] = {}
    told["warehouse"] = str(home.warehouse)
    told["warehouse_bytes"] = home.warehouse.stat().st_size
    told["built_at"] = datetime.fromtimestamp(home.warehouse.stat().st_mtime, UTC).isoformat(
        timespec="seconds"
    )
    told["kinds"] = [
        dict(zip(("kind", "files", "rows", "rejected", "covered_from", "covered_to"), row, strict=True))
        for row in connection.execute(
            """
            select event_kind, count(*), sum(rows_kept), sum(rows_rejected),
                cast(min(covered_from) as varchar), cast(max(covered_to) as varchar)
            from raw.loads group by event_kind order by min(load_id)
            """
        ).fetchall()
    ]
    settings = connection.execute(
        "select report_week, cast(report_at as varchar) from core.settings"
    ).fetchone()
    told["report_week"], told["report_at"] = settings or (None, None)
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
    return told
