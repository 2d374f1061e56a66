"""Verbs about one person: forget, and reveal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli_options import HomeOption, InboxOption, QuietOption, SettingsOption, project_of


def forget(
    member: Annotated[
        str,
        typer.Argument(help="Id, pseudonym, phone, e-mail or name. - reads it from the standard input."),
    ],
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would go, change nothing.")] = False,
    quiet: QuietOption = False,
) -> None:
    """Remove a person from warehouse, names and reports, publish both anew, and keep the person out."""
    from pipelines.run import forget as go

    told = sys.stdin.readline() if member == "-" else member
    go(project_of(inbox, home, settings, quiet, verb="forget"), told, dry_run=dry_run)


def reveal(
    pseudonyms: Annotated[list[str], typer.Argument(help="Pseudonyms, like p_0123456789abcdef0123.")],
    inbox: InboxOption = None,
    home: HomeOption = Path(),
    settings: SettingsOption = None,
) -> None:
    """Tell whose pseudonyms these are, from this machine's own file of names; each time is logged there."""
    from pipelines.reveal import reveal as look
    from pipelines.tables import print_table

    people = look(project_of(inbox, home, settings).settings, pseudonyms)
    print_table(["pseudonym", "known in", "name"], [[one.pseudonym, one.scope, one.name] for one in people])
