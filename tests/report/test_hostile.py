"""Names are input from strangers: they appear as text and nowhere as markup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.report.context import safe_id
from pipelines.report.figures import safe_text, script_json

from .markup import parse

SCRIPT_NAME = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def test_28_names_are_text_on_every_page(pages: dict[str, str]) -> None:
    shown = 0
    for name, html in pages.items():
        document = parse(html)
        shown += sum(SCRIPT_NAME in text for text in document.text)
        assert not [a for tag, a in document.elements if tag == "img"], name
        assert not [a for a in document.having("href") if a["href"].lower().startswith("javascript:")], name
        assert document.having("onerror") == [], name
        assert "49" not in [text.strip() for text in document.text if "HYPERLINK" in text], name
    assert shown >= 3


def test_names_are_escaped_for_plotly(pages: dict[str, str]) -> None:
    figure = parse(pages["groups.html"]).figures()["fig-groups-map-json"]
    names = [text for trace in figure["data"] for text in trace["text"]]
    assert any("&lt;script&gt;" in text for text in names)
    assert not any("<" in text or ">" in text for text in names)


def test_data_scripts_cannot_be_ended_from_inside() -> None:
    text = script_json({"a": "</script><!--\u2028"})
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text) == {"a": "</script><!--\u2028"}


def test_37_infinity_never_reaches_a_page() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        script_json({"a": float("inf")})


@pytest.mark.parametrize(
    "group_id", ['../../G08 "quoted"', "CON", "con", "a/b", "..", "群", "G01", "x" * 300, ""]
)
def test_ids_become_safe_file_names(group_id: str, tmp_path: Path) -> None:
    name = safe_id(group_id)
    assert name != safe_id(group_id + "?")
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert name == name.lower()
    assert name not in ("con", "..", "")
    assert len(name) <= 60


def test_plain_ids_keep_their_names() -> None:
    assert safe_id("g01") == "g01"
    assert safe_id("g01") != safe_id("G01")


def test_plotly_text_keeps_quotes() -> None:
    assert safe_text('a "b" & <c>') == 'a "b" &amp; &lt;c&gt;'


def test_search_words_and_titles_stay_inside_their_attributes(pages: dict[str, str]) -> None:
    rows = parse(pages["groups.html"]).having("data-search")
    assert len(rows) == 12
    assert any('g08 "quoted"' in row["data-search"] for row in rows)
    assert all(set(row) == {"data-search", "data-type", "data-state", "data-owner"} for row in rows)
