"""The pages in a real browser: no error, no request, no overflow, switches that work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.report import build_site
from pipelines.settings import Settings

from .browsers import ARGUMENTS, find_browser
from .warehouses import PAGES, build_warehouse

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge on the search path"),
]
LOOKED_AT = (*(f"{name}.html" for name in PAGES), "groups/g01.html", "groups/g09.html", "../index.html")
DRAW_ALL = """() => ['beforeprint', 'afterprint'].forEach((name) => window.dispatchEvent(new Event(name)))"""
ON_PAPER = "() => window.dispatchEvent(new Event('beforeprint'))"
# Plotly waits a little after the last change of size.
RESIZED = "() => new Promise((done) => setTimeout(done, 150))"
DRAWN = "() => document.querySelectorAll('.plot .main-svg').length > 0"
LANGUAGE_SEEN = """(language) => Array.from(document.querySelectorAll('main [lang]'))
    .some((node) => node.getAttribute('lang') === language && node.offsetParent !== null)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    """One browser for the module."""
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield running
        running.close()


class Watched:
    """A page that remembers what went wrong and what it asked for."""

    def __init__(self, browser: playwright.Browser, width: int, javascript: bool = True) -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=javascript
        )
        self.page = context.new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on(
            "console", lambda message: self.errors.append(message.text) if message.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.errors.append(f"dialog: {dialog.message}"))

    def outside(self) -> list[str]:
        """Return the requests that left the disk."""
        return [url for url in self.requests if not url.startswith(("file://", "blob:", "data:"))]


def address(site: Path, name: str, query: str = "") -> str:
    return (site / name).resolve().as_uri() + query


# What is wider than the window, the navigation included where it is no strip to swipe.
TOO_WIDE = """() => {
    const nav = document.querySelector(".top nav");
    const found = [];
    if (document.documentElement.scrollWidth > window.innerWidth) found.push("page");
    if (nav && window.innerWidth > 640 && nav.scrollWidth > nav.clientWidth) found.push("navigation");
    for (const svg of document.querySelectorAll(".plot .main-svg"))
        if (svg.getBoundingClientRect().right > window.innerWidth) found.push(svg.closest(".plot").id);
    return found;
}"""
# What would be cut on a page of A4 within the margins: 182 x 269 mm.
CUT = """() => {
    const cut = (node) => {
        const box = node.getBoundingClientRect();
        if (box.right > 688.5) return true;
        if (node.matches(".main-svg")) return box.height > node.closest(".plot").clientHeight + 1;
        return node.matches("figure, .card")
            && (box.height > 1016 || getComputedStyle(node).breakInside !== "avoid");
    };
    const nodes = Array.from(document.querySelectorAll("figure, table, .card, .plot .main-svg"));
    return nodes.filter(cut).map((node) => `${node.tagName} ${node.getAttribute("class")} ${node.id}`);
}"""


def test_every_page_at_every_size_on_screen_and_on_paper(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    wrong = []
    for name in LOOKED_AT:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address(site, name, "?lang=zh&theme=light"))
        count = page.locator(".plot").count()
        if count:
            page.evaluate(DRAW_ALL)
            page.wait_for_function(DRAWN)
            assert page.locator(".plot.js-plotly-plot").count() == count, name
        for language, theme in (("zh-CN", "light"), ("en", "dark")):
            for width in (1440, 1024, 390):
                page.set_viewport_size({"width": width, "height": 900})
                if count:
                    page.evaluate(RESIZED)
                wrong += [(name, language, width, what) for what in page.evaluate(TOO_WIDE)]
            assert page.get_attribute("html", "data-theme") == theme
            page.emulate_media(media="print")
            page.set_viewport_size({"width": 688, "height": 1016})
            page.evaluate(ON_PAPER)
            wrong += [(name, language, "paper", what) for what in page.evaluate(CUT)]
            page.emulate_media(media="null")
            page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
            if page.locator("#switch-language").count() and language != "en":
                page.click("#switch-language")
                page.click("#switch-theme")
            elif language != "en":
                break
    assert wrong == []
    assert watched.errors == []
    assert watched.outside() == []


def test_what_to_export_is_read_on_a_phone_without_much_swiping(
    browser: playwright.Browser, tmp_path: Path
) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            create table quality.capabilities as
            select 'm' || n || page as metric, n as position, page, 'partial' as status,
                0.8977 as share_covered,
                'orders' as share_of, 'a message archive of every group; the buyer of every order' as needs,
                '所有群的消息存档；每笔订单的买家编号' as needs_zh
            from range(8) as t (n), unnest(['activation', 'groups', 'revenue', 'more']) as u (page)
            """
        )
        build_site(connection, Settings(), tmp_path / "2026-W46")
    watched = Watched(browser, 390)
    beyond = """() => { const box = document.querySelector("#exports .scroll");
        return [box.scrollWidth - box.clientWidth, box.querySelector("tbody tr").offsetHeight]; }"""
    for language in ("zh", "en"):
        watched.page.goto(address(tmp_path / "2026-W46", "quality.html", f"?lang={language}"))
        further, height = watched.page.evaluate(beyond)
        assert further < 100 and height < 140, (language, further, height)


def test_the_customer_map_is_whole_on_a_desk(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    for language in ("zh", "en"):
        watched.page.goto(address(site, "more.html", f"?lang={language}"))
        hidden = watched.page.evaluate(
            "() => { const box = document.querySelector('#rfm-map').parentElement;"
            " return box.scrollWidth - box.clientWidth; }"
        )
        assert hidden <= 1, language


def test_the_quality_page_is_short_until_it_is_opened(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    height = "() => document.documentElement.scrollHeight"
    page.goto(address(site, "quality.html", "?lang=en"))
    assert page.evaluate(height) < 3_000
    assert page.locator(".pair").first.is_visible()
    closed = page.evaluate(height)
    page.locator(".suite summary").first.click()
    assert page.locator(".suite table").first.is_visible()
    assert page.evaluate(height) > closed


def test_wide_tables_keep_their_first_column_on_a_phone(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 390)
    for name, table in (("groups.html", ".league"), ("revenue.html", "#table-revenue table")):
        watched.page.goto(address(site, name))
        left = watched.page.locator(table).evaluate(
            """(node) => {
                node.parentNode.scrollLeft = 200;
                const first = node.querySelector("tbody th").getBoundingClientRect();
                return [first.left, first.width, node.parentNode.scrollLeft];
            }"""
        )
        assert left[0] == 16, name
        assert left[1] < 180, name
        assert left[2] == 200, name


def test_charts_wait_until_they_are_seen(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    watched.page.goto(address(site, "revenue.html"))
    watched.page.wait_for_function(DRAWN)
    before = watched.page.locator(".js-plotly-plot").count()
    watched.page.goto(address(site, "groups.html"))
    watched.page.wait_for_timeout(300)
    assert before > 0
    assert watched.page.locator(".js-plotly-plot").count() == 0
    watched.page.locator(".plot").scroll_into_view_if_needed()
    watched.page.wait_for_function(DRAWN)


def test_language_switch(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.goto(address(site, "index.html"))
    assert page.evaluate(LANGUAGE_SEEN, "zh")
    assert not page.evaluate(LANGUAGE_SEEN, "en")
    assert "2026 年第 46 周" in page.title()
    page.click("#switch-language")
    assert page.evaluate(LANGUAGE_SEEN, "en")
    assert not page.evaluate(LANGUAGE_SEEN, "zh")
    assert "Week 46, 2026" in page.title()
    assert page.get_attribute("html", "lang") == "en"
    page.goto(address(site, "acquisition.html"))
    assert page.get_attribute("html", "lang") == "en"
    page.goto(address(site, "acquisition.html", "?lang=zh"))
    assert page.get_attribute("html", "lang") == "zh-CN"
    assert watched.errors == []


def test_charts_follow_language_and_theme(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.goto(address(site, "revenue.html", "?lang=zh&theme=light"))
    page.wait_for_function(DRAWN)
    legend = page.locator("#fig-revenue-split .legendtext").first
    fill = "() => document.querySelector('#fig-revenue-split .point path').style.fill"
    assert legend.text_content() == "归属到群"
    assert page.evaluate(fill) == "rgb(15, 107, 107)"
    page.click("#switch-language")
    page.click("#switch-theme")
    assert legend.text_content() == "Group"
    assert page.evaluate(fill) == "rgb(95, 192, 184)"


def test_theme_switch(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.emulate_media(color_scheme="light")
    background = "() => getComputedStyle(document.body).backgroundColor"
    page.goto(address(site, "index.html"))
    assert page.evaluate(background) == "rgb(251, 250, 247)"
    page.click("#switch-theme")
    page.click("#switch-theme")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate(background) == "rgb(20, 24, 27)"
    page.reload()
    assert page.evaluate(background) == "rgb(20, 24, 27)"
    page.click("#switch-theme")
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) == "rgb(20, 24, 27)"


def test_definitions_on_hover_and_focus(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.goto(address(site, "index.html", "?lang=zh"))
    page.hover('[data-metric="net_revenue"] .term')
    assert page.locator("#definition").is_visible()
    assert "支付金额" in page.inner_text("#definition")
    assert "sql/revenue/weekly.sql" in page.inner_text("#definition")
    page.keyboard.press("Escape")
    assert not page.locator("#definition").is_visible()
    page.click('[data-metric="net_revenue"] .term')
    assert page.url.endswith("glossary.html?lang=zh#net_revenue")


def test_printing_turns_a_dark_page_light_and_back(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.goto(address(site, "revenue.html", "?theme=dark"))
    page.wait_for_function(DRAWN)
    fill = "() => document.querySelector('#fig-revenue-split .point path').style.fill"
    assert page.evaluate(fill) == "rgb(95, 192, 184)"
    page.evaluate(ON_PAPER)
    assert page.evaluate(fill) == "rgb(15, 107, 107)"
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(fill) == "rgb(95, 192, 184)"


def test_a_printed_page_is_small(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1024)
    for name in ("index.html", "retention.html"):
        watched.page.goto(address(site, name))
        assert len(watched.page.pdf(prefer_css_page_size=True)) < 3_000_000, name


def test_league_table_sorts_filters_and_searches(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440)
    page = watched.page
    page.goto(address(site, "groups.html", "?lang=zh"))
    page.fill("#league-search", "水果")
    assert page.locator(".league tbody tr:visible").count() == 1
    assert page.inner_text("#league-count") == "1"
    page.fill("#league-search", "")
    page.select_option("select[data-filter=type]", "interest")
    assert page.locator(".league tbody tr:visible").count() == 2
    page.select_option("select[data-filter=type]", "")
    page.locator(".league thead th").nth(3).click(position={"x": 3, "y": 3})
    sizes = [
        float(cell.get_attribute("data-v")) for cell in page.locator(".league tbody tr td:nth-child(4)").all()
    ]
    assert sizes == sorted(sizes, reverse=True)
    page.locator(".league thead th").nth(10).click()
    page.locator(".league thead th").nth(9).click(position={"x": 3, "y": 3})
    scores = [
        cell.get_attribute("data-v") for cell in page.locator(".league tbody tr td:nth-child(10)").all()
    ]
    assert scores[-2:] == [None, None]
    assert watched.errors == []


def test_numbers_show_without_scripts(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1440, javascript=False)
    page = watched.page
    page.goto(address(site, "index.html"))
    assert page.locator(".card .value").first.inner_text().strip() == "85"
    assert page.locator(".spark").count() >= 8
    assert page.locator("noscript").count() >= 1
    assert not page.locator("#switch-theme").is_visible()


def test_print_shows_no_controls(browser: playwright.Browser, site: Path) -> None:
    watched = Watched(browser, 1024)
    page = watched.page
    page.goto(address(site, "groups.html"))
    page.emulate_media(media="print")
    for selector in (".top", ".tools"):
        assert not page.locator(selector).is_visible()
    assert page.locator(".league").is_visible()
