"""The steps of a run, each one line of its story: load, check, build, report."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import InputRefused
from pipelines.home import Home
from pipelines.narrate import Narrator
from pipelines.resources import shipped_path
from pipelines.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from pipelines.checks import CheckResult, Gate
    from pipelines.checks.place import Place
    from pipelines.inventory import Inventory
    from pipelines.models import Built
    from pipelines.spark.build import SparkBuild
    from pipelines.spark.options import SparkOptions


@dataclass(frozen=True)
class Project:
    """What a verb works on: home, inbox, settings, and whom it tells."""

    home: Home
    inbox: Path
    settings: Settings
    narrator: Narrator
    spark: SparkOptions | None = None

    @property
    def reports(self) -> Path:
        """Where this run's report goes: a shared one never takes the place of the operator's own."""
        return self.home.shared if self.settings.report.share else self.home.reports


@dataclass(frozen=True)
class Loaded:
    """What a load saw, and whether it removed what must not stay in the file's bytes either."""

    inventory: Inventory
    is_swept: bool


def load_step(project: Project, connection: duckdb.DuckDBPyConnection, *, is_checked: bool = False) -> Loaded:
    """Load what is new in the inbox, and remove what is too old to be kept; `is_checked`: checks follow.

    Raises InputRefused where there is nothing to load at all.
    """
    from pipelines.checks.quiet import warm_up
    from pipelines.inventory import take_inventory
    from pipelines.load import LoadResult, load_all
    from pipelines.retention import set_text_column, sweep

    narrator = project.narrator
    with narrator.step("load") as step:
        is_dropped = set_text_column(connection, project.settings)
        inventory = take_inventory(connection, project.inbox, project.settings)
        if inventory.new and is_checked:
            # Great Expectations takes seconds to import: beside the load they cost little.
            warm_up()
        step.total = len(inventory.new)
        warnings: list[str] = []

        def heard(position: int, result: LoadResult) -> None:
            step.advance(result.name)
            counts = {
                "read": result.rows_read,
                "kept": result.rows_kept,
                "duplicate": result.rows_duplicate,
                "rejected": result.rows_rejected,
            }
            narrator.event("file", name=result.name, kind=result.event_kind, **counts)
            warnings.extend(f"{result.name}: {text}" for text in result.warnings)
            if result.rows_rejected:
                warnings.append(
                    f"{result.name}: {result.rows_rejected:,} of {result.rows_read:,} rows rejected; "
                    'groupfunnel sql "from raw.rejects" says why'
                )

        results = load_all(connection, inventory, project.settings, datetime.now(UTC), heard)
        swept = sweep(connection, project.settings)
        files = len(results)
        if not files and not inventory.known:
            known = connection.execute("select count(*) from raw.loads").fetchone()
            if known == (0,):
                raise InputRefused(
                    f"There is no export in {project.inbox}. Put the files there (joins_….csv, "
                    "messages_….csv, orders_….csv, invites_….csv) or give another folder with --inbox."
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
    if swept.rows:
        rows = ", ".join(f"{count:,} {table}" for table, count in swept.rows.items())
        narrator.line(f"Not kept, as the settings say: rows before {swept.kept_from}: {rows}")
    return Loaded(inventory, is_dropped or bool(swept.rows))


def gate_step(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    gate: Gate,
    *,
    stop: bool = True,
    is_whole: bool = True,
    counted: Collection[str] = (),
    place: Place | None = None,
) -> list[CheckResult]:
    """Run a gate, keep and tell its results; with `stop` raises InputRefused on a critical one. Unless
    `is_whole`, gate 1 looks at what came since the warehouse was built. Grains of the tables `counted` are
    known to be kept. The tables are read at `place`, by default in the warehouse.
    """
    with project.narrator.step("check") as step:
        from pipelines.checks import run_gate, write_results
        from pipelines.checks.fresh import fresh_rows
        from pipelines.state import basis_of

        connection.execute("create schema if not exists quality")
        fresh = None if is_whole else fresh_rows(connection, basis_of(project.settings))
        results = run_gate(connection, gate, project.settings, fresh, counted, place)
        write_results(connection, gate, results)
        passed = sum(r.outcome == "passed" for r in results)
        what = "loaded rows" if gate == "loaded" else "built tables" + (", on Spark" if place else "")
        step.say(f"{what}: {passed} of {len(results)} checks passed")
        project.narrator.event("checks", gate=gate, checks=len(results), passed=passed)
    for result in results:
        if result.outcome != "passed":
            project.narrator.warn(f"[{result.severity}] {result.table} {result.name}: {result.message}")
    if stop:
        stop_on(results)
    return results


def stop_on(results: list[CheckResult]) -> None:
    """Raise InputRefused when a critical check did not pass."""
    from pipelines.checks import blocking

    if stopped := list(blocking(results)):
        lines = "\n".join(f"  {r.table}: {r.name}: {r.message}" for r in stopped)
        raise InputRefused(
            f"{len(stopped)} critical check{'s' if len(stopped) > 1 else ''} did not pass; nothing was "
            f"published and the last warehouse and report stay in place.\n{lines}"
        )


def build_step(project: Project, connection: duckdb.DuckDBPyConnection, *, is_whole: bool = False) -> None:
    """Build the models and check them; `is_whole`: rows were changed in place, so build every day again.

    Raises ModelError and InputRefused.
    """
    from pipelines.state import remember

    with ExitStack() as until_checked:
        built, place = _build(project, connection, is_whole, until_checked)
        counted = {result.name for result in built if result.is_grain_kept}
        gate_step(project, connection, "built", counted=counted, place=place)
    remember(connection, project.settings)


def _build(
    project: Project, connection: duckdb.DuckDBPyConnection, is_whole: bool, until_checked: ExitStack
) -> tuple[list[Built], Place | None]:
    """Build the models; a Spark session stays open in `until_checked`, for the gate to read its tables."""
    from pipelines.increments import since
    from pipelines.macros import install_macros
    from pipelines.models import build_models, prune, read_models
    from pipelines.own_questions import build_own
    from pipelines.raw import write_settings
    from pipelines.restatements import keep_before, write_restatements
    from pipelines.spark.lake import forget_tokens
    from pipelines.state import basis_of

    place: Place | None = None
    with project.narrator.step("build") as step:
        keep_before(connection, project.home.warehouse)
        write_settings(connection, project.settings)
        models = read_models(shipped_path("sql"))
        step.total = len(models)

        def heard(built: Built) -> None:
            step.advance(built.name)

        basis = "" if is_whole else basis_of(project.settings)
        with since(connection, models, project.home.warehouse, basis) as increments:
            if project.spark is not None:
                from pipelines.spark.build import build_on_spark
                from pipelines.spark.gates import OnSpark

                spark = _spark(project, project.spark, connection, until_checked)
                results = build_on_spark(spark, models, heard, increments)
                # What the library needs of a session, one of Spark Connect was not seen to give.
                place = None if project.spark.remote else OnSpark(spark.session)
            else:
                forget_tokens(connection)
                results = build_models(connection, models, heard, increments)
        prune(connection, models)
        install_macros(connection)
        build_own(connection, project.settings)
        restated = write_restatements(connection)
        rows = sum(r.rows or 0 for r in results)
        slowest = max(results, key=lambda r: r.seconds)
        step.say(f"{len(results)} models, {rows:,} rows; slowest {slowest.name} {slowest.seconds:.1f} s")
    if restated:
        causes = ", ".join(f"{because} ({count:,})" for because, count in restated[:3])
        more = f" and {len(restated) - 3} more" if len(restated) > 3 else ""
        project.narrator.line(
            f"{sum(count for _, count in restated):,} earlier published numbers changed, because of "
            f'{causes}{more}; groupfunnel sql "from quality.restatements" lists them'
        )
    return results, place


def _spark(
    project: Project, options: SparkOptions, connection: duckdb.DuckDBPyConnection, until_checked: ExitStack
) -> SparkBuild:
    """A session that `until_checked` ends, and the lake that it reads."""
    from pipelines.models import is_small
    from pipelines.spark.build import SparkBuild
    from pipelines.spark.lake import lake_of, note_lake
    from pipelines.spark.session import spark_session

    data = project.home.data.resolve()
    lake = lake_of(data, options.lake)
    note_lake(data, lake)
    opened = spark_session(options, data / "spark", is_small=is_small(connection))
    return SparkBuild(until_checked.enter_context(opened), lake, connection)


def render_step(project: Project, connection: duckdb.DuckDBPyConnection) -> tuple[str, Path]:
    """Render the pages aside; returns the week and their folder. Raises InputRefused without a whole week."""
    from pipelines.publish import staging_folder, write_stamp
    from pipelines.state import fingerprint

    with project.narrator.step("report") as step:
        from pipelines.report import build_site
        from pipelines.report.extras import extras

        row = connection.execute("select report_week from core.settings").fetchone()
        if row is None or row[0] is None:
            raise InputRefused(
                "The exports do not cover one whole week yet, so there is no week to report on. Add the days "
                "that are missing, or correct [project] as_of."
            )
        stage = staging_folder(project.reports) / "week"

        def heard(page: str, done: int, total: int) -> None:
            step.advance(page, total)

        pages = build_site(connection, project.settings, stage, heard)
        write_stamp(stage, fingerprint(project.settings, connection))
        step.say(f"week {row[0]}: {sum(p.suffix == '.html' for p in pages)} pages")
    for line in extras(project.settings, stage, str(row[0])):
        project.narrator.line(line)
    return str(row[0]), stage
