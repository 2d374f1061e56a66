"""A run: from the inbox to the published warehouse and report. Each verb of the command is one function here."""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines import __version__
from pipelines.errors import GroupfunnelError, InputRefused
from pipelines.home import Home, locked, remove_work
from pipelines.narrate import Narrator
from pipelines.resources import PACKAGE, shipped_path
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from pipelines.checks import CheckResult, Gate
    from pipelines.load import Inventory


@dataclass(frozen=True)
class Project:
    """What a verb works on: home, inbox, settings, and whom it tells."""

    home: Home
    inbox: Path
    settings: Settings
    narrator: Narrator


def run(project: Project, *, full: bool = False, allow_missing: bool = False) -> None:
    """Load, check, build, check and publish. Nothing is published unless every step succeeds.

    Raises GroupfunnelError: InputRefused for an input or critical check that was refused, LockHeld, …
    """
    from pipelines.publish import recover

    started = time.perf_counter()
    with locked(project.home):
        recover(project.home.reports)
        home = project.home
        source = None if full else (home.loaded if home.loaded.exists() else home.warehouse)
        if full and not allow_missing:
            _refuse_loss(project)
        connection = _start(project, source)
        try:
            inventory = _load(project, connection)
            if not inventory.new and not full and _is_current(project, connection):
                connection.close()
                remove_work(home.work)
                project.narrator.line(f"Nothing new: {home.reports / 'latest' / 'index.html'} is up to date.")
                return
            _gate(project, connection, "loaded")
            _build(project, connection)
            week, stage = _render(project, connection)
            _finish(connection)
        except BaseException:
            connection.close()
            remove_work(home.work)
            raise
        _publish_warehouse(project)
        page = _publish_report(project, stage, week)
    project.narrator.line(f"Done in {time.perf_counter() - started:.1f} s: {page}")


def load(project: Project, *, full: bool = False, allow_missing: bool = False) -> None:
    """Load new files of the inbox for `check` and `build`; the published warehouse stays as it is."""
    from pipelines.warehouse import publish_file

    with locked(project.home):
        home = project.home
        if full and not allow_missing:
            _refuse_loss(project)
        connection = _start(project, None if full else (home.loaded if home.loaded.exists() else home.warehouse))
        try:
            _load(project, connection)
            _finish(connection)
        except BaseException:
            connection.close()
            remove_work(home.work)
            raise
        publish_file(home.work, home.loaded)
    project.narrator.line("Loaded. Next: groupfunnel check, then groupfunnel build.")


def check(project: Project) -> list[CheckResult]:
    """Run gate 1 on what was loaded, or both gates on the published warehouse; writes nothing.

    Raises InputRefused when a critical check does not pass.
    """
    with locked(project.home):
        home = project.home
        is_loaded = home.loaded.exists()
        connection = _start(project, home.loaded if is_loaded else _published(project))
        try:
            results = _gate(project, connection, "loaded", stop=False)
            if not is_loaded:
                results += _gate(project, connection, "built", stop=False)
        finally:
            connection.close()
            remove_work(home.work)
    _stop_on(results)
    return results


def build(project: Project) -> None:
    """Check what was loaded, build the models, check them and publish the warehouse."""
    with locked(project.home):
        home = project.home
        connection = _start(project, home.loaded if home.loaded.exists() else _published(project))
        try:
            _gate(project, connection, "loaded")
            _build(project, connection)
            _finish(connection)
        except BaseException:
            connection.close()
            remove_work(home.work)
            raise
        _publish_warehouse(project)
    project.narrator.line(f"Published {project.home.warehouse}. Next: groupfunnel report.")


def report(project: Project) -> Path:
    """Render the published warehouse and publish the pages; returns the path of the first page."""
    from pipelines.publish import recover
    from pipelines.warehouse import open_warehouse

    with locked(project.home):
        recover(project.home.reports)
        connection = open_warehouse(_published(project), read_only=True, engine=project.settings.engine)
        try:
            week, stage = _render(project, connection)
        finally:
            connection.close()
        page = _publish_report(project, stage, week)
    project.narrator.line(f"Done: {page}")
    return page


def _start(project: Project, source: Path | None) -> duckdb.DuckDBPyConnection:
    from pipelines.raw import create_raw
    from pipelines.warehouse import SCHEMA_VERSION, open_warehouse, start_work

    start_work(source, project.home.work)
    try:
        connection = open_warehouse(project.home.work, engine=project.settings.engine)
        version = 0
        try:
            row = connection.execute("select max(schema_version) from raw.version").fetchone()
            version = row[0] if row else 0
        except Exception:
            version = SCHEMA_VERSION  # a new, empty warehouse
        if version != SCHEMA_VERSION:
            raise InputRefused(
                f"{project.home.warehouse} was written by another version of groupfunnel (layout {version}, this "
                f"is {SCHEMA_VERSION}). Build it again from the exports: groupfunnel run --full"
            )
        create_raw(connection)
    except BaseException:
        remove_work(project.home.work)
        raise
    return connection


def _load(project: Project, connection: duckdb.DuckDBPyConnection) -> Inventory:
    from pipelines.checks.quiet import warm_up
    from pipelines.load import LoadResult, load_all, take_inventory
    from pipelines.mapping import check_mappings

    check_mappings(project.settings)
    narrator = project.narrator
    with narrator.step("load") as step:
        inventory = take_inventory(connection, project.inbox, project.settings)
        if inventory.new:
            # Great Expectations takes seconds to import: beside the load they cost little.
            warm_up()
        step.total = len(inventory.new)
        warnings: list[str] = []

        def heard(position: int, result: LoadResult) -> None:
            step.advance(result.name)
            warnings.extend(f"{result.name}: {text}" for text in result.warnings)
            if result.rows_rejected:
                warnings.append(
                    f"{result.name}: {result.rows_rejected:,} of {result.rows_read:,} rows rejected; "
                    "groupfunnel sql \"from raw.rejects\" says why"
                )

        results = load_all(connection, inventory, project.settings, datetime.now(UTC), heard)
        files = len(results)
        if not files and not inventory.known:
            known = connection.execute("select count(*) from raw.loads").fetchone()
            if known == (0,):
                raise InputRefused(
                    f"There is no export in {project.inbox}. Put the files there (joins_….csv, messages_….csv, "
                    "orders_….csv, invites_….csv) or give another folder with --inbox."
                    + "".join(f"\n  {note}" for note in inventory.notes)
                )
        step.say(
            f"{files} new file{'' if files == 1 else 's'}, {inventory.known} known: "
            f"{sum(r.rows_kept for r in results):,} rows kept, "
            f"{sum(r.rows_duplicate for r in results):,} duplicate, "
            f"{sum(r.rows_rejected for r in results):,} rejected"
        )
    for text in (*inventory.notes, *warnings):
        narrator.warn(text)
    return inventory


def _gate(
    project: Project, connection: duckdb.DuckDBPyConnection, gate: Gate, *, stop: bool = True
) -> list[CheckResult]:
    with project.narrator.step("check") as step:
        from pipelines.checks import run_gate, write_results

        connection.execute("create schema if not exists quality")
        results = run_gate(connection, gate, project.settings)
        write_results(connection, gate, results)
        passed = sum(r.outcome == "passed" for r in results)
        step.say(f"{'loaded rows' if gate == 'loaded' else 'built tables'}: {passed} of {len(results)} checks passed")
    for result in results:
        if result.outcome != "passed":
            project.narrator.warn(f"[{result.severity}] {result.table} {result.name}: {result.message}")
    if stop:
        _stop_on(results)
    return results


def _stop_on(results: list[CheckResult]) -> None:
    from pipelines.checks import blocking

    if stopped := list(blocking(results)):
        lines = "\n".join(f"  {r.table}: {r.name}: {r.message}" for r in stopped)
        raise InputRefused(
            f"{len(stopped)} critical check{'s' if len(stopped) > 1 else ''} did not pass; nothing was published "
            f"and the last warehouse and report stay in place.\n{lines}"
        )


def _build(project: Project, connection: duckdb.DuckDBPyConnection) -> None:
    from pipelines.models import Built, build_models, prune, read_models
    from pipelines.raw import write_settings

    with project.narrator.step("build") as step:
        write_settings(connection, project.settings)
        models = read_models(shipped_path("sql"))
        step.total = len(models)

        def heard(built: Built) -> None:
            step.advance(built.name)

        results = build_models(connection, models, heard)
        prune(connection, models)
        rows = sum(r.rows or 0 for r in results)
        slowest = max(results, key=lambda r: r.seconds)
        step.say(f"{len(results)} models, {rows:,} rows; slowest {slowest.name} {slowest.seconds:.1f} s")
    _gate(project, connection, "built")
    connection.execute("create or replace table raw.state as select ? as fingerprint", [fingerprint(project, connection)])
    connection.execute("comment on table raw.state is 'What the warehouse was built from, as a hash.'")


def _render(project: Project, connection: duckdb.DuckDBPyConnection) -> tuple[str, Path]:
    from pipelines.publish import staging_folder

    with project.narrator.step("report") as step:
        from pipelines.report import build_site

        row = connection.execute("select report_week from core.settings").fetchone()
        if row is None or row[0] is None:
            raise InputRefused(
                "The exports do not cover one whole week yet, so there is no week to report on. Add the days that "
                "are missing, or correct [project] as_of."
            )
        stage = staging_folder(project.home.reports) / "week"

        def heard(page: str, done: int, total: int) -> None:
            step.advance(page, total)

        pages = build_site(connection, project.settings, stage, heard)
        step.say(f"week {row[0]}: {sum(p.suffix == '.html' for p in pages)} pages")
    return str(row[0]), stage


def _finish(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("checkpoint")
    connection.close()


def _publish_warehouse(project: Project) -> None:
    from pipelines.warehouse import publish_file

    publish_file(project.home.work, project.home.warehouse)
    remove_work(project.home.work)
    remove_work(project.home.loaded)


def _publish_report(project: Project, stage: Path, week: str) -> Path:
    from pipelines.publish import publish_week
    from pipelines.report import write_shared_assets, write_week_list

    write_shared_assets(project.home.reports)
    page = publish_week(stage, project.home.reports, week)
    write_week_list(project.home.reports, project.settings)
    return page


def _published(project: Project) -> Path:
    if not project.home.warehouse.exists():
        raise InputRefused(
            f"There is no warehouse in {project.home.root} yet. Run `groupfunnel run` first, or give --home."
        )
    return project.home.warehouse


def _refuse_loss(project: Project) -> None:
    """A full rebuild reads the inbox only: refuse when files that were loaded are not there any more."""
    from pipelines.inventory import hash_file
    from pipelines.warehouse import open_warehouse

    if not project.home.warehouse.exists():
        return
    connection = open_warehouse(project.home.warehouse, read_only=True)
    try:
        loaded = dict(connection.execute("select sha256, file_name from raw.loads").fetchall())
    except Exception:
        return
    finally:
        connection.close()
    if not project.inbox.is_dir():
        raise InputRefused(f"There is no inbox {project.inbox}. Give the folder with the exports: --inbox FOLDER.")
    for path in project.inbox.rglob("*"):
        if path.is_file():
            loaded.pop(hash_file(path), None)
    if loaded:
        names = ", ".join(sorted(loaded.values())[:5])
        raise InputRefused(
            f"A full rebuild would lose {len(loaded)} loaded file{'s' if len(loaded) > 1 else ''} that "
            f"{'are' if len(loaded) > 1 else 'is'} no longer in {project.inbox}: {names}. Put them back, or say "
            "--allow-missing."
        )


def fingerprint(project: Project, connection: duckdb.DuckDBPyConnection) -> str:
    """Hash of all that a build depends on: loaded files, settings, models, code."""
    digest = hashlib.sha256(__version__.encode())
    digest.update(json.dumps(project.settings.model_dump(mode="json"), sort_keys=True).encode())
    for root, pattern in ((shipped_path("sql"), "*/*.sql"), (PACKAGE, "**/*")):
        for path in sorted(root.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    for (sha,) in connection.execute("select sha256 from raw.loads order by sha256").fetchall():
        digest.update(sha.encode())
    return digest.hexdigest()


def _is_current(project: Project, connection: duckdb.DuckDBPyConnection) -> bool:
    home = project.home
    if home.loaded.exists() or not (home.reports / "latest" / "index.html").exists():
        return False
    try:
        row = connection.execute("select fingerprint from raw.state").fetchone()
        week = connection.execute("select report_week from core.settings").fetchone()
    except Exception:
        return False
    is_there = week is not None and (home.reports / str(week[0]) / "index.html").exists()
    return is_there and row is not None and row[0] == fingerprint(project, connection)


def query(project: Project, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Answer a query from the published warehouse, opened read-only and without access to files or network.

    Raises GroupfunnelError with DuckDB's message when the query is wrong.
    """
    import duckdb

    from pipelines.warehouse import open_warehouse

    connection = open_warehouse(_published(project), read_only=True, engine=project.settings.engine)
    try:
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        return names, answer.fetchall()
    except duckdb.Error as error:
        raise GroupfunnelError(re.sub(r"\s*\n\s*\n", "\n", str(error))) from error
    finally:
        connection.close()


