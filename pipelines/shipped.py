"""Mappings that come with groupfunnel: how the exports of platforms that many people use are headed."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from pipelines.settings import ColumnMapping

# Tables of a shipped mapping that map no column.
TABLES = ("recognise", "unpivot", "ignore")


@cache
def _shipped_file(name: str) -> dict[str, Any]:
    entry = resources.files("pipelines") / "mappings" / f"{name}.toml"
    return tomllib.loads(entry.read_text(encoding="utf-8")) if entry.is_file() else {}


def shipped_table(name: str, table: str) -> dict[str, Any]:
    """A table of a shipped mapping beside its columns, by kind: `unpivot` (metric -> headers) or `ignore`
    (headers that stay out without a warning); empty where there is none.
    """
    return dict(_shipped_file(name).get(table, {}))


@cache
def shipped(name: str) -> dict[str, dict[str, ColumnMapping]]:
    """A shipped mapping by name: kind -> column -> mapping; empty when there is none of that name."""
    return {
        kind: {
            column: ColumnMapping.model_validate({"from": spec} if isinstance(spec, str | list) else spec)
            for column, spec in columns.items()
        }
        for kind, columns in _shipped_file(name).items()
        if kind not in TABLES
    }
