"""The league table of many groups: its rows are small, and all of them are searched, filtered and sorted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.report import build_site, write_shared_assets
from pipelines.report.grouplist import Group
from pipelines.report.packing import packed, unpacked
from pipelines.report.pages.groups import IN_PAGE, IN_SCRIPT, league_rows
from pipelines.report.render import environment
from pipelines.report.text import plain
from pipelines.settings import Settings

from .browsers import ARGUMENTS, find_browser
from .warehouses import build_warehouse

GROUPS = 400
HAS = dict.fromkeys(
    ("type", "participation", "lurkers", "conversion", "exit_rate", "net", "score", "trend"), True
)
LEAGUE = "#league-table tbody tr:visible"


def test_packing_keeps_every_character() -> None:
    rows = [
        f'<tr data-search="g{n} 团购" data-type="vip"><th data-v="{n}">'
        f'<a href="g{n}.html">&lt;b&gt; {sign}</a></th></tr>'
        for n, sign in enumerate(["a", "\ue000", "\uf8ff</script>", "pieces}", '"'] * 40)
    ]
    script = packed(rows, "name")
    assert script.startswith("window.name = {")
    again = [row.replace("&#57344;", "\ue000").replace("&#63743;", "\uf8ff") for row in unpacked(script)]
    assert again == rows
    assert len(script) < len(json.dumps(rows)) * 0.6


def test_two_thousand_groups_are_a_megabyte_at_most() -> None:
    def group(n: int) -> Group:
        share = (n * 7919 % 10_007) / 10_007
        return Group(
            group_id=f"wrqQwPDwAA{n:022d}",
            name=f"广州天河路 {n} 号店福利团购群（周三上新）",
            group_type=("selling", "interest", "vip", "seed")[n % 4],
            owner=f"staff_{n % 300:03d}",
            state=("dying", "watch", "healthy", "unknown")[n % 4],
            members=50 + n % 450,
            fill=share,
            participation=share,
            lurkers=1 - share,
            conversion=share / 5,
            net=share * 9_999,
            exit_rate=share / 7,
            score=round(100 * share),
            why=plain(""),
            row={},
            trend=(share, 1 - share, share / 2),
        )

    listed = league_rows([group(n) for n in range(IN_SCRIPT + 500)])
    assert len(listed) == IN_SCRIPT
    row: Any = environment("CNY").get_template("league.html.j2").make_module({}).row  # type: ignore[attr-defined]
    lines = [str(row(item, HAS)) for item in listed[IN_PAGE:]]
    script = packed(lines, "groupfunnelRows")
    assert unpacked(script) == lines
    assert len(script.encode()) <= 1024 * 1024


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week's folder of more groups than the page holds."""
    reports = tmp_path_factory.mktemp("many")
    write_shared_assets(reports)
    with build_warehouse() as connection:
        connection.execute(
            f"""
            insert into core.groups (group_id, group_name, group_type, owner_id)
            select 'x' || i, '新群 <b>' || i, 'selling', 'owner-' || i % 3
            from generate_series(1, {GROUPS}) as s(i)
            """
        )
        connection.execute(
            f"""
            insert into group_health.groups (group_id, members, participation_7d, state)
            select 'x' || i, 1000 + i, 0.05, 'healthy' from generate_series(1, {GROUPS}) as s(i)
            """
        )
        build_site(connection, Settings(), reports / "2026-W46")
    return reports / "2026-W46"


@pytest.fixture(scope="module")
def page(many: Path) -> Iterator[Any]:
    """The league table of many groups, open in a browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if find_browser() is None:
        pytest.skip("no Chromium, Chrome or Edge on the search path")
    with playwright.sync_playwright() as engine:
        running = engine.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        opened = running.new_page(viewport={"width": 1440, "height": 900})
        opened.goto((many / "groups.html").resolve().as_uri() + "?lang=en")
        yield opened
        running.close()


@pytest.mark.browser
def test_rows_beyond_the_page_are_shown_on_demand(page: Any) -> None:
    assert page.locator(LEAGUE).count() == IN_PAGE
    assert page.inner_text("#league-count") == str(GROUPS + 12)
    page.click("#league-more")
    assert page.locator(LEAGUE).count() == 2 * IN_PAGE
    page.click("#league-more")
    assert page.locator(LEAGUE).count() == GROUPS + 12
    assert not page.locator("#league-more").is_visible()
    assert page.locator(LEAGUE + " b").count() == 0


@pytest.mark.browser
def test_all_rows_are_filtered_and_sorted(page: Any) -> None:
    page.select_option("select[data-filter=owner]", "owner-1")
    assert page.inner_text("#league-count") == str(len(range(1, GROUPS + 1, 3)))
    page.fill("#league-search", "新群 <b>40")
    assert page.locator(LEAGUE + " th").all_inner_texts() == ["新群 <b>400", "新群 <b>40"]
    page.fill("#league-search", "")
    page.select_option("select[data-filter=owner]", "")
    head = page.locator("#league-table thead th").nth(3)
    head.focus()
    page.keyboard.press("Enter")
    sizes = page.locator(LEAGUE + " td:nth-child(4)").evaluate_all(
        "(cells) => cells.map((c) => +c.dataset.v)"
    )
    assert sizes == list(range(1000 + GROUPS, 1000 + GROUPS - IN_PAGE, -1))
    assert head.get_attribute("aria-sort") == "descending"


@pytest.mark.browser
def test_rows_from_the_script_follow_the_language(page: Any) -> None:
    page.fill("#league-search", "新群 <b>399")
    cell = page.locator(LEAGUE + " .null").first
    assert "data" in (cell.get_attribute("title") or "").lower() or cell.get_attribute("data-en-title")
    assert cell.get_attribute("title") == cell.get_attribute("data-en-title")


@pytest.mark.browser
def test_other_tables_of_its_look_are_left_alone(page: Any, many: Path) -> None:
    head, body = "<thead><tr><th data-sort>n</th></tr></thead>", "<tbody><tr><td>1</td></tr></tbody>"
    other = f'<table class="plain league">{head}{body}</table>'
    html = (many / "groups.html").read_text(encoding="utf-8")
    copy = many / "two.html"
    copy.write_text(html.replace('<section id="league">', other + '<section id="league">'), encoding="utf-8")
    page.goto(copy.resolve().as_uri() + "?lang=en")
    page.fill("#league-search", "新群 <b>399")
    assert page.locator(LEAGUE).count() == 1
    assert page.locator("main > table tbody").inner_text().strip() == "1"
    assert page.locator("main > table th[tabindex]").count() == 0
