"""A run: from the inbox to the published warehouse and report.

Each verb of the command is one function here.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import InputRefused
from pipelines.home import Home, locked, remove_work
from pipelines.keeping import drop_kept, keep_warehouse, prune_reports
from pipelines.runlog import logged
from pipelines.steps import Project, build_step, gate_step, load_step, render_step, stop_on
from pipelines.work import is_of_older_layout, latest, work

if TYPE_CHECKING:
    import duckdb

    from pipelines.checks import CheckResult

__all__ = ["Project", "build", "check", "forget", "load", "query", "report", "run"]


@logged("run")
def run(project: Project, *, full: bool = False, allow_missing: bool = False) -> None:
    """Load, check, build, check and publish. Nothing is published unless every step succeeds.

    A warehouse whose raw tables are laid out as in an older version is built again whole.

    Raises GroupfunnelError: InputRefused for an input or critical check that was refused, LockHeld, …
    """
    from pipelines.publish import recover
    from pipelines.state import is_current, refuse_loss

    started = time.perf_counter()
    home = project.home
    with locked(home):
        recover(project.reports)
        is_older = not full and is_of_older_layout(home)
        if (full or is_older) and not allow_missing:
            refuse_loss(home, project.inbox, project.settings)
        if is_older:
            full = True
            project.narrator.warn(
                f"{latest(home)} was written by an older version of groupfunnel: built again from the exports"
            )
        with work(project, None if full else latest(home)) as connection:
            loaded = load_step(project, connection, is_checked=True)
            is_known = not loaded.inventory.new and not full
            if is_known and is_current(home, project.settings, connection, project.reports):
                project.narrator.line(
                    f"Nothing new: {project.reports / 'latest' / 'index.html'} is up to date."
                )
                return
            gate_step(project, connection, "loaded", is_whole=full)
            build_step(project, connection)
            week, stage = render_step(project, connection)
            _finish(project, connection, loaded.is_swept)
            _publish_warehouse(project, loaded.is_swept)
        page = _publish_report(project, stage, week)
    project.narrator.line(f"Done in {time.perf_counter() - started:.1f} s: {page}")


@logged("load")
def load(project: Project, *, full: bool = False, allow_missing: bool = False) -> None:
    """Load new files of the inbox for `check` and `build`; the published warehouse stays as it is."""
    from pipelines.state import refuse_loss
    from pipelines.warehouse import publish_file

    home = project.home
    with locked(home):
        if full and not allow_missing:
            refuse_loss(home, project.inbox, project.settings)
        with work(project, None if full else latest(home)) as connection:
            loaded = load_step(project, connection)
            _finish(project, connection, loaded.is_swept)
            if loaded.is_swept:
                home.swept.touch()
            publish_file(home.work, home.loaded)
    project.narrator.line("Loaded. Next: groupfunnel check, then groupfunnel build.")


@logged("check")
def check(project: Project) -> list[CheckResult]:
    """Run gate 1 on what was loaded, or both gates on the published warehouse; writes nothing.

    Raises InputRefused when a critical check does not pass.
    """
    home = project.home
    with locked(home):
        is_loaded = home.loaded.exists()
        with work(project, home.loaded if is_loaded else _published(home)) as connection:
            results = gate_step(project, connection, "loaded", stop=False)
            if not is_loaded:
                results += gate_step(project, connection, "built", stop=False)
    stop_on(results)
    return results


@logged("build")
def build(project: Project) -> None:
    """Check what was loaded, build the models, check them and publish the warehouse."""
    home = project.home
    with (
        locked(home),
        work(project, home.loaded if home.loaded.exists() else _published(home)) as connection,
    ):
        gate_step(project, connection, "loaded")
        build_step(project, connection)
        _finish(project, connection)
        _publish_warehouse(project)
    project.narrator.line(f"Published {home.warehouse}. Next: groupfunnel report.")


@logged("report")
def report(project: Project) -> Path:
    """Render the published warehouse and publish the pages; returns the path of the first page."""
    from pipelines.layout import check_layout
    from pipelines.publish import recover
    from pipelines.warehouse import open_warehouse

    with locked(project.home):
        recover(project.reports)
        published = _published(project.home)
        connection = open_warehouse(published, read_only=True, engine=project.settings.engine)
        try:
            check_layout(connection, published)
            week, stage = render_step(project, connection)
        finally:
            connection.close()
        page = _publish_report(project, stage, week)
    project.narrator.line(f"Done: {page}")
    return page


@logged("forget")
def forget(project: Project, member: str, *, dry_run: bool = False) -> None:
    """Remove a person from warehouse, names and pages, and publish both anew; `dry_run` only tells.

    Raises InputRefused where nobody, or more than one, is known by `member`.
    """
    from pipelines.forget import clean_pages, forget_person
    from pipelines.people import People, key_file
    from pipelines.publish import recover
    from pipelines.spark.lake import clear, known_lakes, lake_of, noted_lakes

    home, narrator = project.home, project.narrator
    with locked(home):
        recover(project.reports)
        with work(project, latest(home)) as connection:
            with narrator.step("forget") as step:
                told = forget_person(connection, project.inbox, project.settings, member, datetime.now(UTC))
                rows, blanked = (sum(of.values()) for of in (told.removed.rows, told.removed.blanked))
                step.say(f"{len(told.ids)} ids: {rows:,} rows removed, {blanked:,} of others blanked")
            for name, count in told.files:
                narrator.warn(
                    f"{name}: still holds {count:,} rows with the person; delete or redact the file"
                )
            for name in told.unread:
                narrator.warn(f"{name}: could not be read; look yourself whether the person is in it")
            if told.shared:
                narrator.warn(f"{told.shared} ids are somebody else's too (aliases by time) and were left")
            if dry_run:
                narrator.line("Nothing was changed: this was a dry run.")
                return
            gate_step(project, connection, "loaded")
            build_step(project, connection, is_whole=True)
            has_week = connection.execute("select report_week is not null from core.settings").fetchone()
            week, stage = render_step(project, connection) if has_week == (True,) else ("", None)
            lakes = {*known_lakes(connection), *noted_lakes(home.data), lake_of(home.data, None)}
            _finish(project, connection, is_swept=True)
            _publish_warehouse(project, is_swept=True)
        # What was written for Spark holds the person too; the next run with Spark writes it anew.
        for lake in sorted(lakes, key=lambda lake: lake.place):
            if not clear(lake):
                narrator.warn(f"{lake.place}: still holds rows with the person; delete what is in it")
        if stage is not None:
            _publish_report(project, stage, week)
        pages = clean_pages(home.reports, told.ids)
        names = People(key_file(project.settings.privacy.key_file)).remove(told.ids)
    narrator.line(
        f"Forgotten: {names} names removed, {pages} earlier pages blanked. The files of the inbox are yours "
        "to clean; should they come again, those rows are rejected."
    )


@logged("restore")
def restore(project: Project) -> None:
    """Publish the warehouse kept before in the place of the current one, which is kept in its place.

    Raises InputRefused where none is kept, or it is of another version.
    """
    from pipelines.restore import go_back

    with locked(project.home):
        back = go_back(project.home)
    project.narrator.line(
        f"The warehouse of {back} stands again; the one before it is kept in its place. Next: groupfunnel "
        "report. A run loads what is new in the inbox: take out first what should not come again."
    )


def query(project: Project, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Answer a query from the published warehouse. Raises GroupfunnelError when the query is wrong."""
    from pipelines.query import query as ask

    return ask(_published(project.home), sql, project.settings.engine)


def _finish(project: Project, connection: duckdb.DuckDBPyConnection, is_swept: bool = False) -> None:
    """Close the work; where something was removed for good (`is_swept`), its bytes go too."""
    from pipelines.warehouse import rewrite

    connection.execute("checkpoint")
    connection.close()
    if is_swept:
        rewrite(project.home.work)


def _publish_warehouse(project: Project, is_swept: bool = False) -> None:
    """Publish the work and keep what it replaces, unless rows of that left for good (`is_swept`)."""
    from pipelines.warehouse import publish_file

    home = project.home
    is_swept = is_swept or home.swept.exists()
    gone = drop_kept(home) if is_swept else keep_warehouse(home, project.settings.operations.keep_warehouses)
    publish_file(home.work, home.warehouse)
    remove_work(home.loaded)
    home.swept.unlink(missing_ok=True)
    project.narrator.event("published", warehouse_bytes=home.warehouse.stat().st_size, removed=gone)


def _publish_report(project: Project, stage: Path, week: str) -> Path:
    """Put the week in its place, then the list of weeks, and `latest` last: it says that all is done."""
    from pipelines.publish import publish_latest, publish_week
    from pipelines.report import write_shared_assets, write_week_list

    reports = project.reports
    write_shared_assets(reports)
    publish_week(stage, reports, week)
    gone = prune_reports(reports, project.settings.operations.keep_reports, week)
    project.narrator.event("published", week=week, removed=gone)
    if gone:
        project.narrator.line(f"Weeks no longer kept, as the settings say: {', '.join(gone)}")
    write_week_list(reports, project.settings)
    return publish_latest(reports, week)


def _published(home: Home) -> Path:
    if not home.warehouse.exists():
        raise InputRefused(
            f"There is no warehouse in {home.root} yet. Run `groupfunnel run` first, or give --home."
        )
    return home.warehouse
