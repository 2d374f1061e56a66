"""`groupfunnel lake export`: the staged events as Parquet, without building anything."""

from __future__ import annotations

from contextlib import nullcontext

from pipelines.errors import InputRefused, SettingsError
from pipelines.home import locked
from pipelines.runlog import logged
from pipelines.spark.options import SparkOptions
from pipelines.steps import Project
from pipelines.work import latest, work


@logged("lake")
def export_lake(project: Project, options: SparkOptions) -> None:
    """Write the weeks that changed since the last export of this lake; the warehouse stays as it is.

    A lake at an address is written by Spark, a folder by DuckDB alone. Raises InputRefused where nothing was
    loaded yet, SettingsError for a cluster that a folder does not need.
    """
    from pipelines.model_files import read_models
    from pipelines.models import build_models
    from pipelines.raw import write_settings
    from pipelines.resources import shipped_path
    from pipelines.spark.lake import BY_WEEK, export, lake_of, note_lake
    from pipelines.spark.session import spark_session

    home = project.home
    data = home.data.resolve()
    lake = lake_of(data, options.lake)
    if not lake.is_remote and (options.master or options.remote or options.conf):
        raise SettingsError("A folder is written without Spark: leave --spark-master and its relatives out.")
    with locked(home):
        source = latest(home)
        if not source.exists():
            raise InputRefused(
                f"Nothing was loaded in {home.root} yet. Run `groupfunnel load` or `groupfunnel run` first, "
                "or give --home."
            )
        with work(project, source) as connection:
            with project.narrator.step("stage") as step:
                write_settings(connection, project.settings)
                models = {n: m for n, m in read_models(shipped_path("sql")).items() if m.schema == "staging"}
                build_models(connection, models, lambda _: None)
                step.say(f"{len(models)} tables of events")
            note_lake(data, lake)
            opened = spark_session(options, data / "spark") if lake.is_remote else nullcontext()
            with opened as session, project.narrator.step("lake") as step:
                step.total = len(models)
                done = export(connection, lake, models, session, step.advance)
                written = [one for one in done if one.weeks]
                step.say(
                    f"{len(written)} tables written, {len(done) - len(written)} as they were: "
                    f"{sum(one.weeks for one in written):,} parts, {sum(one.rows for one in written):,} rows"
                )
    for one in written:
        if one.rows:
            name, part = one.table.removeprefix("staging."), "weeks" if one.table in BY_WEEK else "whole"
            weeks = f"{one.weeks:,}" if part == "weeks" else ""
            project.narrator.line(f"{name:<20} {weeks:>5} {part} {one.rows:>13,} rows")
    project.narrator.line(f"Done: {lake.place}")
