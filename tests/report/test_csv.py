"""Every table and figure has its CSV: the page's own numbers, formula-safe, one rule in Python and script."""

from __future__ import annotations

import csv
import io
import re
from html import escape
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.csv_files import FOLDER, table_rows, with_csv
from pipelines.report.metrics import registry
from pipelines.settings import Settings
from pipelines.tables import Digits, csv_text, guarded

from .browsers import ARGUMENTS, find_browser
from .markup import parse

TRICKS = [
    "=1+1",
    "+cmd",
    "-cmd",
    "@sum",
    "\tx",
    "＝1",
    "-12.5",
    "+3",
    "5%",
    "a,b",
    'say "x"',
    "",
    "￥1",
    "-1,200",
]


def links(html: str) -> list[str]:
    """Return where a page's links to CSV files lead."""
    return [given["href"] for given in parse(html).having("download")]


def test_every_table_of_every_page_has_a_file(site: Path, pages: dict[str, str]) -> None:
    for path, html in pages.items():
        found = links(html)
        assert len(found) == html.count("<table"), path
        for href in found:
            file = (site / path).parent / href
            assert file.is_file(), (path, href)
            assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert len(list((site / FOLDER).glob("*.csv"))) > 80


def test_every_figure_has_its_file(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        for key in parse(html).figures():
            name = f"{path.removesuffix('.html').replace('/', '-')}-{key.removesuffix('-json')}.csv"
            assert any(href.endswith(f"/{name}") or href == f"{FOLDER}/{name}" for href in links(html)), name


def test_the_numbers_are_those_of_the_warehouse(site: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = list(
        csv.reader((site / FOLDER / "acquisition-fig-flow.csv").open(encoding="utf-8-sig", newline=""))
    )
    assert rows[0][1] == f"{registry()['opened'].label.zh} / {registry()['opened'].label.en}"
    wanted = warehouse.execute(
        "select opened, net_members from acquisition.weekly where is_complete"
        " order by week_start desc limit 1"
    ).fetchone()
    assert wanted is not None
    assert float(rows[1][1].replace(",", "")) == wanted[0]
    assert float(rows[1][-1].replace(",", "").replace("\N{MINUS SIGN}", "-")) == wanted[1]


def test_links_work_without_script_and_budgets_hold(site: Path) -> None:
    for page in site.glob("*.html"):
        assert page.stat().st_size <= 300_000, page
    for page in site.glob("groups/*.html"):
        assert page.stat().st_size <= 80_000, page
        assert 'href="../data/groups-' in page.read_text(encoding="utf-8")


def test_the_same_data_gives_the_same_files(
    site: Path, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    build_site(warehouse, Settings(), tmp_path / "2026-W46")
    for file in (site / FOLDER).iterdir():
        assert (tmp_path / "2026-W46" / FOLDER / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-cmd", "'-cmd"),
        ("-2", "'-2"),
        (-2, -2),
        (Digits("-12.5"), "-12.5"),
        ("\tx", "'\tx"),
        ("＝1", "＝1"),
    ],
)
def test_one_rule_disarms_formulas(cell: object, wanted: object) -> None:
    assert guarded(cell) == wanted


def test_cells_are_read_as_people_see_them() -> None:
    html = (
        '<table><tr><th><a href="#"><span lang="zh">新</span><span lang="en">New</span></a></th>'
        '<td colspan="2">x</td></tr>'
        '<tr><td data-v="12.5">12.5 k</td><td class="n null" title="why">—</td>'
        '<td class="n hidden">＊</td></tr>'
        '<tr><td><i class="day" title="7 of 7"></i></td><td>a &amp; <b>b</b></td>'
        '<td class="open"></td></tr></table>'
    )
    assert table_rows(html) == [["新 / New", "x", ""], ["12.5", "", "＊"], ["7 of 7", "a & b", ""]]


def test_hostile_names_stay_cells() -> None:
    cells = "<td>=HYPERLINK(&#34;http://x&#34;)</td><td>a&lt;/table&gt;</td>"
    html = f'<section id="x"><h2>T</h2><table><tr>{cells}</tr></table></section>'
    page, files = with_csv(html, "more.html", "")
    assert list(files) == [f"{FOLDER}/more-x.csv"] and f'href="{FOLDER}/more-x.csv"' in page
    (row,) = csv.reader(io.StringIO(files[f"{FOLDER}/more-x.csv"].lstrip("\ufeff")))
    assert row == ['\'=HYPERLINK("http://x")', "a</table>"]


@pytest.fixture(scope="module")
def page() -> Any:
    """A page of the installed browser."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser.new_page()
        browser.close()


def test_the_script_writes_the_same_bytes(page: Any, site: Path) -> None:
    for name in ("index", "more", "quality", "acquisition", "campaigns", "retention"):
        page.goto((site / f"{name}.html").as_uri())
        told = page.evaluate("[...document.querySelectorAll('table')].map(window.groupfunnelCsv)")
        files = [site / href for href in links((site / f"{name}.html").read_text(encoding="utf-8"))]
        assert len(told) == len(files) > 0
        for text, file in zip(told, files, strict=True):
            assert text == file.read_bytes().decode("utf-8"), file.name


def test_the_script_disarms_by_the_same_rule(page: Any, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    made = page.evaluate(
        "cells => { const t = document.createElement('table'); const r = t.insertRow();"
        " cells.forEach(c => { r.insertCell().setAttribute('data-v', c); });"
        " return window.groupfunnelCsv(t); }",
        TRICKS,
    )
    cells = "".join(f'<td data-v="{escape(cell)}"></td>' for cell in TRICKS)
    assert made == csv_text(table_rows(f"<table><tr>{cells}</tr></table>"))
    assert "'=1+1,'+cmd,'-cmd,'@sum" in made and ",-12.5,+3,5%," in made


def test_a_click_saves_the_file_from_a_folder(page: Any, site: Path) -> None:
    page.goto((site / "revenue.html").as_uri())
    page.locator("summary").first.click()
    with page.expect_download() as download:
        page.locator("p.csv a").first.click()
    saved = Path(download.value.path()).read_bytes()
    assert saved == (site / FOLDER / download.value.suggested_filename).read_bytes()
    assert re.match(rb"\xef\xbb\xbf", saved)
