"""The one file: everything in it, nothing asked of a network, every page reached, with and without script."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.report import ReportError, build_site
from pipelines.report.extras import extras
from pipelines.report.single import LIMIT, SMALL_BUNDLE, SMALL_LIMIT, page_id, write_single_file
from pipelines.settings import Report, Settings

from .browsers import ARGUMENTS, find_browser

BUNDLE = "/* plotly.js (cartesian) v4.1.1 */\nwindow.Plotly = {react: function () {}};"


@pytest.fixture(scope="module")
def week(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the week, alone: nothing beside it."""
    return Path(shutil.copytree(site, tmp_path_factory.mktemp("single") / "week"))


@pytest.fixture(scope="module")
def single(week: Path) -> Path:
    """The one file with the package's plotly.js, moved away from all others."""
    made = write_single_file(week, "2026-W46")
    assert made.size == made.path.stat().st_size <= LIMIT and (made.groups, made.left_out) == (12, 0)
    return Path(shutil.move(made.path, week.parent / "alone.html"))


@pytest.fixture(scope="module")
def html(single: Path) -> str:
    """Its text."""
    return single.read_text(encoding="utf-8")


def test_every_page_is_in_it(html: str, pages: dict[str, str]) -> None:
    for path in pages:
        assert html.count(f'<article class="page" id="{page_id(path)}">') == 1


def test_ids_are_unique_and_links_lead_somewhere(html: str) -> None:
    body = re.sub(r"<script.*?</script>", "", html, flags=re.S)
    ids = re.findall(r'\sid="([^"]*)"', body)
    assert len(ids) == len(set(ids))
    targets = re.findall(r'href="#([^"]*)"', body)
    assert len(targets) > 300 and set(targets) <= set(ids)
    assert not re.findall(r'<a\s[^>]*href="(?!#|https?:)[^"]*"', body)


def test_the_policy_names_the_scripts_and_nothing_else(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.S)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = re.search(r"script-src ([^;]*)", policy[1])
    assert allowed is not None and allowed[1].split() == [f"'sha256-{one}'" for one in hashes]
    assert len(scripts) >= 4 and "connect-src 'none'" in policy[1]
    rest = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    assert not re.search(r'<(script|link|img|iframe)[^>]*\s(src|href)="(?!data:)', rest)
    assert sum("plotly.js v" in script[:400] for script in scripts) == 1


def test_same_data_same_bytes(week: Path, single: Path) -> None:
    again = write_single_file(week, "again").path
    assert again.read_bytes() == single.read_bytes()
    again.unlink()


def test_a_smaller_bundle_makes_a_smaller_file(week: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "plotly-cartesian.min.js"
    bundle.write_text(BUNDLE + "/*" + "x" * 1_500_000 + "*/", encoding="utf-8")
    made = write_single_file(week, "small", bundle)
    assert made.size <= 3_000_000 and made.left_out == 0
    made.path.unlink()


def test_with_a_small_bundle_the_file_stays_small(
    week: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert (SMALL_BUNDLE, SMALL_LIMIT) == (2_000_000, 3_000_000)
    bundle = tmp_path / "plotly-cartesian.min.js"
    bundle.write_text(BUNDLE, encoding="utf-8")
    monkeypatch.setattr("pipelines.report.single.SMALL_LIMIT", 900_000)
    made = write_single_file(week, "small", bundle)
    assert made.size <= 900_000 and 0 < made.groups < 12 and made.left_out == 12 - made.groups
    bundle.write_text(BUNDLE + "/*" + "x" * SMALL_BUNDLE + "*/", encoding="utf-8")
    assert write_single_file(week, "small", bundle).left_out == 0  # a full bundle has the full limit
    made.path.unlink()


def test_a_tooltip_of_many_cells_is_said_once_and_comes_back(
    browser: Any, html: str, single: Path, site: Path
) -> None:
    often = ' data-en-title="based on fewer than 30, read with care"'
    assert sum(path.read_text(encoding="utf-8").count(often) for path in site.rglob("*.html")) > 3
    assert often not in html
    page = browser.new_page()
    told = "(scope) => [...document.querySelectorAll(scope + ' td[title]')].map((td) => td.title)"
    for language in ("zh", "en"):
        page.goto(f"{(site / 'revenue.html').as_uri()}?lang={language}")
        whole = page.evaluate(told, "main")
        page.goto(f"{single.as_uri()}?lang={language}")
        assert page.evaluate(told, "#p-revenue") == whole and len(whole) > 10
    page.close()


@pytest.mark.parametrize("content", [None, "alert(1)", "\udcff"])
def test_what_is_no_bundle_is_refused(week: Path, tmp_path: Path, content: str | None) -> None:
    given = tmp_path / "plotly.js"
    if content is not None:
        given.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ReportError, match="--plotlyjs"):
        write_single_file(week, "bad", given)
    assert not (week / "bad.html").exists()


def test_group_pages_that_do_not_fit_are_left_out(
    week: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "plotly.min.js"
    bundle.write_text(BUNDLE, encoding="utf-8")
    monkeypatch.setattr("pipelines.report.single.LIMIT", 900_000)
    report = Report(single_file=True, plotlyjs=str(bundle))
    (line,) = extras(Settings(report=report), week, "part")
    text = (week / "part.html").read_text(encoding="utf-8")
    held = text.count('<article class="page" id="p-groups-')
    assert 0 < held < 12 and f"{12 - held} group pages did not fit" in line and " MB" in line
    assert set(re.findall(r'href="#(p-[^"]*)"', text)) <= set(re.findall(r'\sid="([^"]*)"', text))
    assert (week / "part.html").stat().st_size <= 900_000
    (week / "part.html").unlink()


@pytest.fixture(scope="module")
def browser() -> Any:
    """The installed browser."""
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium, Chrome or Edge is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        found = started.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


def test_in_a_browser(browser: Any, single: Path, week: Path) -> None:
    page = browser.new_page()
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(single.as_uri() + "?lang=en")
    assert page.locator("#p-index h1").is_visible() and not page.locator("#p-groups h1").is_visible()
    page.locator(".top nav a", has_text="Revenue").click()
    assert page.locator("#p-revenue h1").is_visible() and not page.locator("#p-index h1").is_visible()
    assert page.locator(".top nav [aria-current]").inner_text() == "Revenue"
    page.wait_for_function("() => document.querySelectorAll('#p-revenue .plot .main-svg').length > 0")
    page.locator("#p-revenue summary").first.click()
    with page.expect_download() as download:
        page.locator("#p-revenue p.csv button").first.click()
    name = download.value.suggested_filename
    assert Path(download.value.path()).read_bytes() == (week / "data" / name).read_bytes()
    page.locator(".top nav a", has_text="Groups").click()
    page.fill("#league-search", "1")
    page.locator("table.league tbody tr:not([hidden]) a").first.click()
    assert page.locator("article.page:target h1").is_visible()
    page.wait_for_function("() => document.querySelectorAll('article:target .plot .main-svg').length > 0")
    page.locator("#switch-language").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    page.goto(single.as_uri() + "#p-quality--checks")
    assert page.locator("#p-quality h1").is_visible() and page.locator("article.page:visible").count() == 1
    assert [line for line in told if line.startswith(("error", "warning"))] == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert {url.split("#")[0].split("?")[0] for url in asked if url.startswith("file:")} == {single.as_uri()}


def test_rows_beyond_the_page_come_along(
    browser: Any, warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.report.pages.groups.IN_PAGE", 5)
    build_site(warehouse, Settings(), tmp_path / "week")
    made = write_single_file(tmp_path / "week", "one")
    page = browser.new_page()
    page.goto(made.path.as_uri() + "#p-groups")
    assert page.locator("#league-table tbody tr").count() == 12
    page.locator("#league-table tbody tr a").last.click()
    assert page.locator("article.page:visible h1").count() == 1 and "#p-groups-g" in page.url
    page.goto(made.path.as_uri() + "#p-groups")
    with page.expect_download() as download:
        page.locator("button.csvlink").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 13 and download.value.suggested_filename == "groups.csv"
    page.close()


def test_pages_turn_without_script(browser: Any, single: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(single.as_uri())
    page.locator(".top nav a").nth(4).click()
    assert page.locator("article.page:visible").count() == 1
    assert page.locator("#p-acquisition h1").is_visible()
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_scrolls_sideways(browser: Any, single: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for name in ("index", "groups", "revenue", "more"):
        page.goto(single.as_uri() + f"#p-{name}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    page.close()
