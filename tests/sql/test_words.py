"""Sentences that models write use the names of the report."""

from __future__ import annotations

import duckdb

from pipelines.models import read_models
from pipelines.report.metrics import registry
from pipelines.resources import shipped_path


def test_words_of_metrics_are_those_of_the_report() -> None:
    models = read_models(shipped_path("sql"))
    words = duckdb.sql(models["scorecard.metric_words"].sql).fetchall()
    keys = {row[0] for row in duckdb.sql(f"select metric from ({models['scorecard.keys'].sql})").fetchall()}
    assert {row[0] for row in words} == keys
    for metric, label_en, label_zh, unit, page in words:
        told = registry()[metric]
        assert (label_en, label_zh, unit, page) == (told.label.en, told.label.zh, told.unit, told.page)
