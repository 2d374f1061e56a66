"""The files of a week: which there are, how large, the same every time, nothing from outside."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from pipelines.report import ReportError, build_site, write_shared_assets, write_week_list
from pipelines.report.figures import CONFIG
from pipelines.settings import Settings

from .markup import parse
from .warehouses import PAGES, build_warehouse

GROUPS = [f"g{i:02}" for i in range(1, 13)]


def test_every_page_is_there(site: Path, pages: dict[str, str]) -> None:
    assert {name.removesuffix(".html") for name in pages if "/" not in name} == set(PAGES)
    assert sum(name.startswith("groups/") for name in pages) == len(GROUPS)
    assert (site / "assets" / "report.css").is_file()
    assert (site / "groups.csv").is_file()


def test_page_sizes(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        limit = 80 if name.startswith("groups/") else 300
        assert len(html.encode("utf-8")) <= limit * 1024, name


def test_44_building_twice_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    with build_warehouse() as connection:
        written = build_site(connection, Settings(), tmp_path / "again")
    again = {path.relative_to(tmp_path / "again"): path.read_bytes() for path in written}
    first = {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert again.keys() == first.keys()
    assert [name for name in again if again[name] != first[name]] == []


def test_progress_is_told_page_by_page(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build_site(warehouse, Settings(), tmp_path, lambda page, done, total: told.append((page, done, total)))
    count = len(PAGES) + len(GROUPS) + 1  # the summary for a mail
    assert [done for _, done, _ in told] == list(range(1, count + 1))
    assert {total for *_, total in told} == {count}


def test_nothing_is_loaded_from_outside(pages: dict[str, str], site: Path) -> None:
    for name, html in pages.items():
        document = parse(html)
        for tag, attributes in document.elements:
            for attribute in ("src", "srcset", "data", "poster", "action"):
                assert "//" not in attributes.get(attribute, ""), (name, tag)
            if tag == "link":
                assert "//" not in attributes["href"], name
        assert document.inline_scripts == [], name
        assert not [
            key for attributes in document.elements for key in attributes[1] if key.startswith("on")
        ], name
    for asset in (site / "assets").iterdir():
        without_namespace = asset.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|@import|url\(", without_namespace), asset.name


def test_every_page_carries_the_policy(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        policies = [
            a["content"] for _, a in parse(html).elements if a.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1, name
        assert "default-src 'none'" in policies[0]
        assert "connect-src 'none'" in policies[0]
        assert "script-src 'self';" in policies[0]


def test_plotly_is_referenced_once_where_there_are_figures(pages: dict[str, str], site: Path) -> None:
    for name, html in pages.items():
        document = parse(html)
        wanted = [a["src"] for a in document.having("src") if "plotly" in a["src"]]
        assert len(wanted) == (1 if document.scripts else 0), name
        for source in wanted:
            assert (site / name).parent.joinpath(source).resolve().is_file(), name


def test_every_figure_stays_at_home_and_within_limits(pages: dict[str, str]) -> None:
    seen = 0
    for name, html in pages.items():
        document = parse(html)
        plots = {a["data-figure"] for a in document.having("data-figure")}
        figures = document.figures()
        assert plots == figures.keys(), name
        assert len(figures) <= 12
        for key, content in figures.items():
            seen += 1
            assert content["config"] == CONFIG, (name, key)
            assert content["config"]["showSendToCloud"] is False
            assert content["layout"]["template"] is None
            assert "bdata" not in json.dumps(content)
            assert len(content["data"]) <= 15
            assert sum(len(trace["x"]) for trace in content["data"]) <= 5_000
            assert all(trace["meta"]["zh"] and trace["meta"]["en"] for trace in content["data"])
    assert seen > 20


def test_links_between_pages_hold(pages: dict[str, str], site: Path) -> None:
    ids = {name: {a["id"] for a in parse(html).having("id")} for name, html in pages.items()}
    for name, html in pages.items():
        for attributes in parse(html).having("href"):
            target, _, anchor = attributes["href"].partition("#")
            path = ((site / name).parent / target).resolve() if target else site / name
            assert path.is_file(), (name, attributes["href"])
            if anchor:
                assert anchor in ids[path.relative_to(site.resolve()).as_posix()] if target else ids[name], (
                    attributes
                )


def test_shared_script_is_written_once(tmp_path: Path) -> None:
    first = write_shared_assets(tmp_path)
    before = first.stat().st_mtime_ns
    assert write_shared_assets(tmp_path) == first
    assert first.stat().st_mtime_ns == before
    assert re.fullmatch(r"plotly-\d+\.\d+\.\d+\.min\.js", first.name)


def test_weeks_are_listed_newest_first(site: Path, tmp_path: Path) -> None:
    for week in ("2026-W09", "2026-W46", "2025-W52", "latest", "notes"):
        (tmp_path / week).mkdir()
        (tmp_path / week / "index.html").write_text("x", encoding="utf-8")
    (tmp_path / "2026-W46" / "week.json").write_bytes((site / "week.json").read_bytes())
    (tmp_path / "2026-W47").mkdir()
    html = write_week_list(tmp_path, Settings()).read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)/index.html"', html) == ["2026-W46", "2026-W09", "2025-W52"]
    assert "11-09 — 11-15" in html


def test_a_warehouse_without_a_week_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="groupfunnel run"):
        build_site(duckdb.connect(), Settings(), tmp_path)
    with build_warehouse() as connection:
        connection.execute("update core.settings set report_week_start = null")
        with pytest.raises(ReportError, match="whole week"):
            build_site(connection, Settings(), tmp_path)


def test_one_language_leaves_no_switch(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    settings = Settings.model_validate({"report": {"languages": ["en"]}})
    build_site(warehouse, settings, tmp_path)
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en"' in html
    assert "switch-language" not in html
