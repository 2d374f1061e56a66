"""The one registry of what the report prints: labels, units, formulas, windows, models."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pipelines.report.text import Text


@dataclass(frozen=True)
class Metric:
    """One number: `unit` as in `numbers.written`, `better` up, down or none, `table` schema.table.

    `version` counts the meanings it has had: numbers of two versions are not compared.
    """

    key: str
    label: Text
    unit: str
    better: str
    page: str
    table: str
    column: str
    formula: Text
    window: Text
    version: int = 1

    @property
    def sql_path(self) -> str:
        """Return the model's file inside the project, with forward slashes; a `_by_group` twin shares it."""
        schema, name = self.table.split(".")
        return f"sql/{schema}/{name}.sql"


@cache
def registry() -> dict[str, Metric]:
    """Return every metric by key, in the glossary's order."""
    source = resources.files("pipelines.report").joinpath("metrics.toml").read_text(encoding="utf-8")
    return {
        key: Metric(
            key=key,
            label=Text(row["zh"], row["en"]),
            unit=row["unit"],
            better=row["better"],
            page=row["page"],
            table=row["table"],
            column=row["column"],
            formula=Text(row["formula_zh"], row["formula_en"]),
            window=Text(row["window_zh"], row["window_en"]),
            version=row.get("version", 1),
        )
        for key, row in tomllib.loads(source).items()
    }


def metric(key: str) -> Metric:
    """Return one metric. Raises KeyError for a number nobody has defined."""
    return registry()[key]


def definitions_script() -> str:
    """Return the script file that gives the pages' tooltips their words."""
    content = {
        item.key: {
            "zh": [item.label.zh, item.formula.zh, item.window.zh],
            "en": [item.label.en, item.formula.en, item.window.en],
            "sql": item.sql_path,
        }
        for item in registry().values()
    }
    return "window.groupfunnelDefinitions = " + json.dumps(content, ensure_ascii=False, indent=0) + ";\n"
