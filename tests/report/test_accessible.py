"""The pages for people who do not see them, do not point, or print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .browsers import ARGUMENTS, find_browser
from .markup import parse

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium, Chrome or Edge on the search path"),
]
# The findings of the page as it stands, without the long lists of what passed.
RUN = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    const told = (one) => one.nodes.map((node) => [one.id, one.impact, node.html.slice(0, 160)]);
    return [found.passes.length, found.violations.flatMap(told)];
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """One browser page for the module."""
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield running.new_page(viewport={"width": 1440, "height": 900})
        running.close()


def names(site: Path) -> list[str]:
    return [*sorted(path.name for path in site.glob("*.html")), "groups/g09.html", "../index.html"]


def test_axe_finds_nothing_in_light_and_dark(page: Any, site: Path) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    found = []
    for name in names(site):
        page.goto((site / name).resolve().as_uri() + "?lang=zh&theme=light")
        page.evaluate(script)
        for switches in ((), ("#switch-language", "#switch-theme")):
            for switch in switches:
                if page.locator(switch).count():
                    page.click(switch)
            passed, violations = page.evaluate(RUN)
            assert passed > 10, name
            found += [(name, page.get_attribute("html", "data-theme"), *one) for one in violations]
    assert found == []


def test_axe_finds_nothing_on_a_phone(page: Any, site: Path) -> None:
    script = pytest.importorskip("axe_playwright_python.base", reason="axe is not installed").AXE_SCRIPT
    page.set_viewport_size({"width": 390, "height": 844})
    found = []
    for name in ("index.html", "groups.html", "groups/g09.html", "more.html", "revenue.html"):
        page.goto((site / name).resolve().as_uri() + "?lang=en&theme=light")
        page.evaluate(script)
        found += [(name, *one) for one in page.evaluate(RUN)[1]]
    page.set_viewport_size({"width": 1440, "height": 900})
    assert found == []


def test_the_first_tab_skips_to_the_content(page: Any, site: Path) -> None:
    page.goto((site / "revenue.html").resolve().as_uri())
    page.keyboard.press("Tab")
    focused = "() => { const node = document.activeElement; const box = node.getBoundingClientRect();"
    assert page.evaluate(focused + " return [node.className, box.left >= 0]; }") == ["skip", True]
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_focus_is_always_seen(page: Any, site: Path) -> None:
    page.goto((site / "groups.html").resolve().as_uri())
    for _ in range(40):
        page.keyboard.press("Tab")
        drawn = page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
            return [style.outlineStyle, parseFloat(style.outlineWidth)]; }"""
        )
        assert drawn[0] != "none"
        assert drawn[1] >= 1


def test_figures_have_names(pages: dict[str, str]) -> None:
    seen = 0
    for name, html in pages.items():
        document = parse(html)
        ids = {attributes["id"] for attributes in document.having("id")}
        for tag, attributes in document.elements:
            if tag == "figure" or tag == "svg" or attributes.get("role") == "img":
                seen += 1
                named = attributes.get("aria-labelledby") in ids or attributes.get("aria-label")
                assert not (named and attributes.get("aria-hidden")), (name, attributes)
                assert named or attributes.get("aria-hidden") == "true", (name, attributes)
    assert seen > 50


def test_paper_is_a4_and_no_figure_is_cut(page: Any, site: Path) -> None:
    for name in ("index.html", "more.html", "groups.html"):
        page.goto((site / name).resolve().as_uri())
        if page.locator(".plot").count():
            page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
        pdf = page.pdf(prefer_css_page_size=True)
        boxes = {
            tuple(round(float(part)) for part in box.split())
            for box in re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)
        }
        assert boxes == {(0, 0, 595, 842)} or boxes == {(0, 0, 594, 841)}, (name, boxes)
        page.emulate_media(media="print")
        kept = "(nodes) => nodes.every((node) => getComputedStyle(node).breakInside === 'avoid')"
        assert page.locator("figure").evaluate_all(kept), name
        for hidden in (".top", ".tools", ".csv"):
            assert not [node for node in page.locator(hidden).all() if node.is_visible()], (name, hidden)
        page.emulate_media(media="null")
