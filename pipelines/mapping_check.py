"""Mappings of the settings that no file could satisfy, found before a file is read."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import Column
from pipelines.errors import SettingsError
from pipelines.nearest import nearest
from pipelines.platforms import platform_names
from pipelines.settings import ColumnMapping, Settings
from pipelines.settings_errors import line_of

TIME_UNITS, MONEY_UNITS = ("s", "ms", "epoch"), ("yuan", "fen")


def check_mappings(settings: Settings, path: Path | None = None) -> None:
    """Raise SettingsError, naming the line of the file at `path`, for values, units, formats or patterns
    that are wrong.
    """
    text = path.read_text(encoding="utf-8-sig") if path is not None else ""
    for number, export in enumerate(settings.exports):
        if export.platform is not None and export.platform not in platform_names():
            where = f"{path}, line {line_of(text, ('exports', number, 'platform'))}: " if path else ""
            raise SettingsError(
                f"{where}exports.{number + 1}.platform: {export.platform!r} is no platform that is known"
                f"{nearest(export.platform, sorted(platform_names()))}"
            )
        if export.event is None:
            continue
        columns = {column.name: column for column in export.kind.columns}
        for name, mapping in export.columns.items():
            for key, message in _wrong(columns[name], mapping):
                location: tuple[Any, ...] = ("exports", number, "columns", name, *key)
                where = f"{path}, line {line_of(text, location)}: " if path is not None else ""
                raise SettingsError(
                    f"{where}exports.{number + 1}.columns.{'.'.join((name, *key))}: {message}"
                )


def _wrong(column: Column, mapping: ColumnMapping) -> list[tuple[tuple[str, ...], str]]:
    """(keys below the column, message) of all that is wrong with a mapping."""
    found: list[tuple[tuple[str, ...], str]] = []
    if column.type == "enum":
        given: list[tuple[tuple[str, ...], str]] = [(("values", k), v) for k, v in mapping.values.items()]
        if mapping.const is not None:
            given.append((("const",), mapping.const))
        for where, value in given:
            if value.lower() not in column.values:
                near = difflib.get_close_matches(value, column.values, n=1, cutoff=0.4)
                hint = f"; did you mean {near[0]}?" if near else f"; known: {', '.join(column.values)}"
                found.append((where, f"{value!r} is no value of {column.name}{hint}"))
    units = {"time": TIME_UNITS, "money": MONEY_UNITS}.get(column.type, ())
    if mapping.unit is not None and mapping.unit not in units:
        known = f"its units are {', '.join(units)}" if units else "it has no unit"
        found.append((("unit",), f"{mapping.unit!r} is no unit of {column.name}, {known}"))
    if mapping.format is not None and column.type != "time":
        found.append((("format",), f"{column.name} is no time and has no format"))
    elif mapping.format is not None and (error := _refused("select try_strptime('', ?)", mapping.format)):
        found.append((("format",), f"{mapping.format!r}: {error}"))
    if mapping.hash and not column.is_personal:
        found.append((("hash",), f"{column.name} is no id of a person and is not hashed"))
    if mapping.extract is not None and (
        error := _refused("select regexp_extract('', ?, 1)", mapping.extract)
    ):
        found.append((("extract",), f"{mapping.extract!r}: {error}"))
    return found


def _refused(query: str, value: str) -> str | None:
    """What DuckDB has against a format or pattern: its kinds of both are what the load uses."""
    try:
        with duckdb.connect() as connection:
            connection.execute(query, [value]).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0].split("Error: ", 1)[-1]
    return None
