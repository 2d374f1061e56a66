"""The week for the boss: short, without script, and with the numbers of the warehouse."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from pipelines.report import build_site
from pipelines.settings import Settings

from .warehouses import build_warehouse

MOST_BYTES = 90_000


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("summary")
    with build_warehouse() as connection:
        build_site(connection, Settings(), folder)
    return (folder / "summary.html").read_text(encoding="utf-8")


def test_a_mail_programme_can_show_it(summary: str) -> None:
    assert len(summary.encode()) < MOST_BYTES
    for what in ("<script", "<style", "<svg", "<img", "<link", "http:", "https:", "url(", "onclick"):
        assert what not in summary, what
    assert "script-src" not in summary
    assert "default-src 'none'" in unescape(summary)


def test_its_numbers_are_the_warehouse_s(summary: str) -> None:
    told = dict(re.findall(r'data-metric="(\w+)" data-value="([^"]+)"', summary))
    assert 1 < len(told) <= 4
    with build_warehouse() as connection:
        for name, value in told.items():
            found = connection.execute(
                "select arg_max(value, week_start) from scorecard.weekly where metric = ? "
                "and value is not null and week_start <= date '2026-11-09'",
                [name],
            ).fetchone()
            assert found is not None
            assert float(value) == pytest.approx(float(found[0]), rel=1e-9), name


def test_both_languages_say_as_many_things(summary: str) -> None:
    halves = re.split(r'<div lang="', summary)[1:]
    assert [half[:5] for half in halves] == ["zh-CN", 'en">\n']
    counts = [(half.count("<li"), half.count("data-metric"), half.count("<p ")) for half in halves]
    assert counts[0] == counts[1]
    assert counts[0][0] <= 6


def test_one_language_alone_and_hostile_names(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"project": {"name": "<img src=x onerror=alert(1)>"}, "report": {"languages": ["en"]}}
    )
    with build_warehouse() as connection:
        build_site(connection, settings, tmp_path)
    html = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert html.count("<div lang=") == 1
    assert "<img" not in html
