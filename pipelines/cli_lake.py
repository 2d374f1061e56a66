"""Verbs about the lake: its Parquet files."""

from __future__ import annotations

from pathlib import Path

import typer

from pipelines.cli_options import (
    ConfOption,
    HomeOption,
    LakeOption,
    MasterOption,
    QuietOption,
    RemoteOption,
    SettingsOption,
    project_of,
)

lake_app = typer.Typer(
    help="The staged events as Parquet files, for Spark and other readers (docs/spark.md).",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@lake_app.command()
def export(
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    lake: LakeOption = None,
    spark_master: MasterOption = None,
    spark_remote: RemoteOption = None,
    spark_conf: ConfOption = None,
    quiet: QuietOption = False,
) -> None:
    """Write what was loaded as Parquet by kind and week: only weeks that changed since the last time.

    The warehouse stays as it is. A folder is written without Spark; an address such as s3a://bucket/lake
    needs it, with the credentials that it has.
    """
    from pipelines.lake_export import export_lake
    from pipelines.spark.options import SparkOptions

    options = SparkOptions(spark_master, spark_remote, lake, tuple(spark_conf or ()))
    export_lake(project_of(None, home, settings, quiet, verb="lake"), options)
