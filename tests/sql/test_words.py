"""Sentences that models write use the names of the report."""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.models import read_models
from pipelines.report.metrics import registry
from pipelines.resources import shipped_path


def _rows(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def test_words_of_metrics_are_those_of_the_report() -> None:
    models = read_models(shipped_path("sql"))
    words = _rows(models["scorecard.metric_words"].sql)
    keys = {row[0] for row in _rows(f"select metric from ({models['scorecard.keys'].sql})")}
    assert {row[0] for row in words} == keys
    for metric, label_en, label_zh, unit, page in words:
        told = registry()[metric]
        assert (label_en, label_zh, unit, page) == (told.label.en, told.label.zh, told.unit, told.page)


def test_capabilities_name_every_key_and_only_what_exists() -> None:
    models = read_models(shipped_path("sql"))
    needs = models["quality.metric_needs"].sql
    keys = {row[0] for row in _rows(f"select metric from ({models['scorecard.keys'].sql})")}
    metrics = {row[0] for row in _rows(f"select metric from ({needs})")}
    assert keys <= metrics
    kinds = {"vip", "freeloader", "kol"}
    for name in metrics - keys:
        schema, table, *column = name.split(".")
        model = models[f"{schema}.{table}"]
        columns = {one for one, _ in model.columns}
        assert not column or column[0] in columns | kinds, name
    features = models["quality.features"].path.read_text(encoding="utf-8")
    for row in _rows(f"select feature_1, feature_2, feature_3 from ({needs})"):
        assert all(one is None or f"'{one}'" in features for one in row), row
