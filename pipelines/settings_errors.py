"""What is wrong with a settings file, in words: the line, the key, and the nearest valid one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipelines.nearest import nearest
from pipelines.own_settings import Exclude, Funnel, Retention
from pipelines.settings import ColumnMapping, Export, Health, HealthOverride, Settings

_LISTED = {"exports": Export, "funnels": Funnel, "retentions": Retention}


def _known_keys(location: tuple[Any, ...]) -> list[str]:
    model: Any = Settings
    for part in location:
        if isinstance(part, int):
            continue
        fields = getattr(model, "model_fields", {})
        if part in _LISTED:
            model = _LISTED[part]
        elif model is Funnel and part == "exclude":
            model = Exclude
        elif model is Health:
            # Tables below it are named by group types and inputs; at their end stands one input.
            model = HealthOverride
        elif part == "columns" or (model is Export and part not in fields):
            model = ColumnMapping
        elif part in fields and hasattr(fields[part].annotation, "model_fields"):
            model = fields[part].annotation
    return [field.alias or name for name, field in getattr(model, "model_fields", {}).items()]


def explain(path: Path, text: str, item: dict[str, Any]) -> str:
    """One of Pydantic's errors as a line: file, line, key, what is wrong and the nearest valid one."""
    location = tuple(part for part in item["loc"] if part != "[key]")
    message = str(item["msg"]).removeprefix("Value error, ")
    # A model that looks at its columns together says itself which of them it means.
    if inner := re.match(r"^columns\.([^:]+): ", message):
        location, message = (*location, "columns", inner.group(1)), message[inner.end() :]
    name = ".".join(str(p + 1) if isinstance(p, int) else str(p) for p in location)
    where = f"{path}, line {line_of(text, location)}"
    if item["type"] == "extra_forbidden":
        key = str(location[-1])
        return f"{where}: {name}: no such setting{nearest(key, _known_keys(location[:-1]))}"
    if item["type"] == "literal_error":
        expected = re.findall(r"'([^']*)'", str(item.get("ctx", {}).get("expected", "")))
        message = f"{item.get('input')!r} is not one of {', '.join(expected)}" + (
            nearest(str(item.get("input")), expected) if expected else ""
        )
    elif "input" in item and not isinstance(item["input"], dict | list):
        message = f"{item['input']!r}: {message}"
    return f"{where}: {name}: {message}"


def line_of(text: str, location: tuple[Any, ...]) -> int:
    """The line (from 1) where the key at `location` stands; the nearest enclosing one when it does not."""
    table: list[Any] = []
    counts: dict[tuple[str, ...], int] = {}
    best, best_depth = 1, 0
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if header := re.match(r"^\[(\[)?\s*([^\]]+?)\s*\]", stripped):
            parts = [p.strip().strip("\"'") for p in header.group(2).split(".")]
            if header.group(1):
                key = tuple(parts)
                counts[key] = counts.get(key, -1) + 1
            table = []
            for depth, part in enumerate(parts, start=1):
                table.append(part)
                if (prefix := tuple(parts[:depth])) in counts:
                    table.append(counts[prefix])
            path: list[Any] = list(table)
        elif match := re.match(r"^([\w.\"'-]+)\s*=", stripped):
            path = table + [p.strip("\"'") for p in match.group(1).split(".")]
        else:
            continue
        common = 0
        for have, want in zip(path, location, strict=False):
            if have != want:
                break
            common += 1
        if common == len(path) and common > best_depth:
            best, best_depth = number, common
    return best
