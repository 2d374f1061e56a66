"""Verbs of those who run it week after week: status, doctor, restore."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_options import HomeOption, InboxOption, QuietOption, SettingsOption, project_of
from pipelines.printable import printable

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def status(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell on one screen what is loaded and covered, which checks failed and how old the report is.

    Exit codes: 0 fresh, 6 stale, 7 the last run failed, 3 nothing published yet.
    """
    from pipelines.status import EXITS
    from pipelines.status import status as look
    from pipelines.status_screen import screen

    project = project_of(inbox, home, settings)
    told = look(project.home, project.settings, datetime.now(UTC))
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    else:
        print("\n".join(screen(told)))
    raise typer.Exit(EXITS[told["state"]])


def doctor(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the set-up: versions, settings, inbox, key, disk, memory, warehouse. Changes nothing.

    Exit codes: 0 in order, perhaps with warnings, 7 something keeps a run from working.
    """
    from pipelines.doctor import diagnose
    from pipelines.errors import EXIT_ATTENTION

    found = diagnose(home, inbox, settings, datetime.now(UTC))
    if as_json:
        print(json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            print(f"{one.state:<9}{one.what:<11}{printable(one.text)}")
            if one.next_step:
                print(f"{'':<20}→ {printable(one.next_step)}")
    if any(one.state == "problem" for one in found):
        raise typer.Exit(EXIT_ATTENTION)


def restore(
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    quiet: QuietOption = False,
) -> None:
    """Go back to the warehouse published before; once more goes forth again. Then: groupfunnel report."""
    from pipelines.run import restore as go

    go(project_of(inbox, home, settings, quiet, verb="restore"))
