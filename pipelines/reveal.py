"""The way back from pseudonyms: on this machine, from its own files, and written down each time."""

from __future__ import annotations

import csv
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.contacts import PSEUDONYM
from pipelines.errors import InputRefused, SettingsError
from pipelines.people import People, key_file
from pipelines.settings import Settings


@dataclass(frozen=True)
class Revealed:
    """Whose a pseudonym is: the source and group it was met in ('' for all), and the name or number."""

    pseudonym: str
    scope: str
    name: str


def reveal(settings: Settings, pseudonyms: list[str]) -> list[Revealed]:
    """The people behind pseudonyms, in the order asked. What was asked is logged, with time and ids alone.

    Raises InputRefused, telling nothing, when this machine does not know one of them.
    """
    people = People(key_file(settings.privacy.key_file))
    labels = _labels(settings)
    found: list[Revealed] = []
    unknown: list[str] = []
    for one in pseudonyms:
        if one in labels:
            found.append(Revealed(one, "display_names", labels[one]))
        elif known := people.find(one):
            found.append(Revealed(one, *known))
        else:
            unknown.append(one)
    _log(people, [one.pseudonym for one in found], unknown)
    if unknown:
        raise InputRefused(
            f"This machine does not know {len(unknown)} of them, the first {_masked(unknown[0])}: "
            f"{people.names_file} has no such line. Names are kept where the files were loaded; ask there, "
            "or load the exports here with the same key."
        )
    return found


def log_file(people: People) -> Path:
    """Where each use of `reveal` is written down, beside the key."""
    return people.path.with_name(people.path.name + ".reveals.jsonl")


def _log(people: People, known: list[str], unknown: list[str]) -> None:
    path = log_file(people)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revealed": known,
        "unknown": [_masked(one) for one in unknown],
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        raise InputRefused(
            f"{path} cannot be written ({error.strerror}), and nobody is revealed without a line there."
        ) from error


def _masked(word: str) -> str:
    return word if re.fullmatch(PSEUDONYM, word) else "•••"


def _labels(settings: Settings) -> dict[str, str]:
    """Names of the settings' own local file; {} where none is named."""
    if not settings.privacy.display_names:
        return {}
    path = Path(settings.privacy.display_names).expanduser()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{path}: [privacy] display_names cannot be read as a CSV ({error}).") from error
    if rows and not {"member_id", "name"} <= rows[0].keys():
        raise SettingsError(f"{path}: [privacy] display_names needs the columns member_id and name.")
    return {row["member_id"]: row["name"] or "" for row in rows}
