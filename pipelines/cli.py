"""The `groupfunnel` command.

Heavy packages are imported by the verbs that need them, so that help is instant.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines import __version__
from pipelines.cli_explore import attribution, funnel, lifecycle, retention, stickiness
from pipelines.cli_inspect import inspect
from pipelines.cli_lake import lake_app
from pipelines.cli_operate import doctor, restore, status
from pipelines.cli_options import (
    ConfOption,
    EngineOption,
    FullOption,
    HomeOption,
    ImageOption,
    InboxOption,
    LakeOption,
    MasterOption,
    MissingOption,
    PlotlyOption,
    QuietOption,
    RemoteOption,
    SettingsOption,
    ShareOption,
    SingleOption,
    project_of,
    report_options,
    spark_options,
)
from pipelines.cli_people import forget, reveal
from pipelines.errors import EXIT_OTHER, GroupfunnelError
from pipelines.printable import printable

app = typer.Typer(
    name="groupfunnel",
    help="Where do members come from, do they wake up, return, buy, bring friends? "
    "Weekly exports of chat groups in, an offline report out.\n\n"
    "Start: [bold]groupfunnel init my-groups[/], put the exports into my-groups/inbox, then in my-groups "
    "[bold]groupfunnel run[/].\n\n"
    "Exit codes: 0 done · 2 wrong use or settings · 3 input or critical check refused, nothing published · "
    "4 another run holds the lock · 5 not delivered · 6 status: the report is old · 7 status: the last run "
    "failed, doctor: a problem · 1 anything else.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(value: bool) -> None:
    if value:
        print(f"groupfunnel {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the project; made where it is missing.")],
) -> None:
    """Make a project folder: settings with every default in it, and an inbox for the exports."""
    from pipelines.resources import shipped_path

    target = folder / "groupfunnel.toml"
    if target.exists():
        print(f"{target} is there already and was left as it is.")
    else:
        (folder / "inbox").mkdir(parents=True, exist_ok=True)
        target.write_text(shipped_path("groupfunnel.toml").read_text(encoding="utf-8"), encoding="utf-8")
        print(f"Wrote {target} and {folder / 'inbox'}.")
    print(f"Next: put the exports into {folder / 'inbox'}, then run: groupfunnel run --home {folder}")


@app.command()
def run(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    full: FullOption = False,
    allow_missing: MissingOption = False,
    share: ShareOption = False,
    single_file: SingleOption = False,
    plotlyjs: PlotlyOption = None,
    image: ImageOption = False,
    engine: EngineOption = "duckdb",
    spark_master: MasterOption = None,
    spark_remote: RemoteOption = None,
    lake: LakeOption = None,
    spark_conf: ConfOption = None,
    quiet: QuietOption = False,
) -> None:
    """Load, check, build, check and publish warehouse and report: the whole way."""
    from pipelines.run import run as go

    go(
        project_of(
            inbox,
            home,
            settings,
            quiet,
            report_options(share=share, single_file=single_file, plotlyjs=plotlyjs, image=image),
            spark_options(engine, spark_master, spark_remote, lake, spark_conf),
            verb="run",
        ),
        full=full,
        allow_missing=allow_missing,
    )


@app.command()
def load(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    full: FullOption = False,
    allow_missing: MissingOption = False,
    quiet: QuietOption = False,
) -> None:
    """Load the new files of the inbox; what is published stays as it is until build."""
    from pipelines.run import load as go

    go(project_of(inbox, home, settings, quiet, verb="load"), full=full, allow_missing=allow_missing)


@app.command()
def check(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Run the checks on what was loaded, or on the published warehouse. Changes nothing."""
    from pipelines.run import check as go

    go(project_of(inbox, home, settings, quiet, verb="check"))


@app.command()
def build(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    engine: EngineOption = "duckdb",
    spark_master: MasterOption = None,
    spark_remote: RemoteOption = None,
    lake: LakeOption = None,
    spark_conf: ConfOption = None,
    quiet: QuietOption = False,
) -> None:
    """Build the models of what was loaded, check them and publish the warehouse."""
    from pipelines.run import build as go

    spark = spark_options(engine, spark_master, spark_remote, lake, spark_conf)
    go(project_of(inbox, home, settings, quiet, spark=spark, verb="build"))


@app.command()
def report(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    share: ShareOption = False,
    single_file: SingleOption = False,
    plotlyjs: PlotlyOption = None,
    image: ImageOption = False,
    quiet: QuietOption = False,
) -> None:
    """Render the pages of the published warehouse."""
    from pipelines.run import report as go

    go(
        project_of(
            inbox,
            home,
            settings,
            quiet,
            report_options(share=share, single_file=single_file, plotlyjs=plotlyjs, image=image),
            verb="report",
        )
    )


@app.command()
def deliver(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also where this week was delivered before.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Pass the summary of the latest week on: a mail file, WeCom, Feishu, Slack. Off unless set."""
    from pipelines.delivery.deliver import deliver_latest

    deliver_latest(project_of(inbox, home, settings, quiet, verb="deliver"), again=again)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query, like: from scorecard.weekly limit 5")],
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Ask the published warehouse; it is opened read-only and without access to files or the network."""
    from pipelines.run import query as ask
    from pipelines.tables import guarded, print_table

    names, rows = ask(project_of(inbox, home, settings), query)
    if as_csv:
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[guarded(cell) for cell in row] for row in rows])
    else:
        print_table(names, rows)
        print(f"\n{len(rows):,} row{'' if len(rows) == 1 else 's'}")


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write the exports to.")],
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    scale: Annotated[float, typer.Option(help="1 is 40 groups and about 5,900 people.", min=0.05)] = 1.0,
    messages: Annotated[float, typer.Option(help="Multiplies the messages alone.", min=0.0)] = 1.0,
    weeks: Annotated[int, typer.Option(help="Weeks of exports.", min=8, max=104)] = 26,
    quiet: QuietOption = False,
) -> None:
    """Generate believable exports with planted facts (truth.json), nobody in them real."""
    from pipelines.narrate import Narrator
    from pipelines.sample import generate

    narrator = Narrator(quiet)
    with narrator.step("sample") as step:
        generate(folder, seed=seed, scale=scale, weeks=weeks, message_factor=messages, progress=step.advance)
        step.say(f"wrote {folder}")


for verb in (funnel, retention, lifecycle, stickiness, attribution, inspect, forget, reveal):
    app.command()(verb)
for duty in (status, doctor, restore):
    app.command()(duty)
app.add_typer(lake_app, name="lake")


def main() -> None:
    """Entry point: every error a user can meet is one clear message and an exit code."""
    # What a run makes lives until it ends: looking for garbage as often as Python does cost it 8 %.
    gc.set_threshold(100_000, 20, 100)
    # Telemetry of dependencies is off before any of them is imported.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except GroupfunnelError as error:
        print(f"groupfunnel: {printable(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("groupfunnel: stopped; what was published is untouched.", file=sys.stderr)
        sys.exit(EXIT_OTHER)
    except OSError as error:
        print(f"groupfunnel: {printable(str(error))}. What was published is untouched.", file=sys.stderr)
        sys.exit(EXIT_OTHER)
    except MemoryError:
        print(
            "groupfunnel: out of memory. Set a lower [engine] memory_limit: DuckDB uses the disk then.",
            file=sys.stderr,
        )
        sys.exit(EXIT_OTHER)
    except Exception as error:
        from pipelines.crash import keep_traceback

        print(f"groupfunnel: {keep_traceback(error, _home_of(sys.argv[1:]))}", file=sys.stderr)
        sys.exit(EXIT_OTHER)


def _home_of(arguments: list[str]) -> Path:
    """The home named on the command line, read without the parser: the error may have come before it."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--home="):
            return Path(argument.removeprefix("--home="))
        if argument == "--home" and place + 1 < len(arguments):
            return Path(arguments[place + 1])
    return Path()


if __name__ == "__main__":
    main()
