"""Options that several verbs of the command share, and the project they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pipelines.run import Project
    from pipelines.spark.options import SparkOptions

InboxOption = Annotated[
    Path | None,
    typer.Option("--inbox", help="Folder with the exports. [dim]Default: HOME/inbox[/]", show_default=False),
]
HomeOption = Annotated[
    Path,
    typer.Option("--home", help="Folder that holds data/warehouse.duckdb and reports/.", show_default="here"),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option(
        "--settings", help="Settings file. [dim]Default: HOME/groupfunnel.toml[/]", show_default=False
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what needs attention.")]
ShareOption = Annotated[
    bool,
    typer.Option(
        "--share",
        help="Make the report one to pass on: no member ids, no lists of single people, no number of fewer "
        "than 5 people nor what rests on one (shown as ＊). [dim]Setting: \\[report] share[/]",
    ),
]
SingleOption = Annotated[
    bool,
    typer.Option(
        "--single-file",
        help="Also write the week as one HTML file to send: all pages, style, scripts and charts in it, "
        "6.5 MB at most. [dim]Setting: \\[report] single_file[/]",
    ),
]
PlotlyOption = Annotated[
    Path | None,
    typer.Option(
        "--plotlyjs",
        help="With --single-file: a smaller bundle of plotly.js, such as plotly-cartesian.min.js, in place "
        "of the 4.8 MB of the package; it makes a file of about 3 MB. [dim]Setting: \\[report] plotlyjs[/]",
        show_default=False,
    ),
]
ImageOption = Annotated[
    bool,
    typer.Option(
        "--image",
        help="Also make summary.png and summary.pdf, one long picture that opens inside a chat, by an "
        "installed Chromium, Chrome or Edge; without one a line says so. [dim]Setting: \\[report] image[/]",
    ),
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Rebuild from nothing, reading every file of the inbox again.")
]
MissingOption = Annotated[
    bool,
    typer.Option("--allow-missing", help="With --full: go on although loaded files are gone from the inbox."),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine", help="What computes the models: duckdb, or spark for those who outgrow one machine."
    ),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        "--spark-master",
        help="With --engine spark: the cluster, such as spark://host:7077. [dim]Default: this machine[/]",
        show_default=False,
    ),
]
RemoteOption = Annotated[
    str | None,
    typer.Option(
        "--spark-remote",
        help="With --engine spark: a Spark Connect address, such as sc://host:15002.",
        show_default=False,
    ),
]
LakeOption = Annotated[
    str | None,
    typer.Option(
        "--lake",
        help="Folder or address (s3a://bucket/lake) of the Parquet files that every worker of the cluster "
        "reaches. [dim]Default: HOME/data/lake[/]",
        show_default=False,
    ),
]
ConfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--spark-conf", help="A setting of Spark as key=value; may be given again.", show_default=False
    ),
]


def spark_options(
    engine: str, master: str | None, remote: str | None, lake: str | None, conf: list[str] | None
) -> SparkOptions | None:
    """What --engine and its companions say; None for DuckDB. Raises SettingsError where they do not fit."""
    from pipelines.errors import SettingsError
    from pipelines.spark.options import SparkOptions

    if engine not in ("duckdb", "spark"):
        raise SettingsError(f"--engine {engine}: known are duckdb and spark.")
    if engine == "spark":
        return SparkOptions(master, remote, lake, tuple(conf or ()))
    given = {"--spark-master": master, "--spark-remote": remote, "--lake": lake, "--spark-conf": conf}
    if named := [name for name, value in given.items() if value]:
        raise SettingsError(f"{named[0]} says something of Spark alone: add --engine spark.")
    return None


def report_options(**given: Any) -> dict[str, Any]:
    """The settings of [report] that options of the command line replace: those that were given."""
    texts = {name: str(value) if isinstance(value, Path) else value for name, value in given.items()}
    return {name: value for name, value in texts.items() if value}


def project_of(
    inbox: Path | None,
    home: Path,
    settings: Path | None,
    quiet: bool = False,
    report: dict[str, Any] | None = None,
    spark: SparkOptions | None = None,
    *,
    verb: str = "",
) -> Project:
    """The project that the options name; `report` replaces settings of that section. Settings that keep a
    `verb` from running are in its log. Raises SettingsError.
    """
    from pipelines.errors import SettingsError
    from pipelines.home import Home
    from pipelines.mapping_check import check_mappings
    from pipelines.narrate import Narrator
    from pipelines.run import Project
    from pipelines.runlog import RunLog
    from pipelines.settings import load_settings

    own = home / "groupfunnel.toml"
    chosen = settings or (own if own.exists() else None)
    try:
        told = load_settings(chosen)
        check_mappings(told, chosen)
    except SettingsError as error:
        if verb and Home(home).data.is_dir():
            RunLog(Home(home), verb).end(error)
        raise
    if report:
        told = told.model_copy(update={"report": told.report.model_copy(update=report)})
    return Project(Home(home), inbox or home / "inbox", told, Narrator(quiet), spark)
