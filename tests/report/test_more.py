"""The analysts' page: what it draws equals direct queries, hides what it must, says what is missing."""

from __future__ import annotations

import itertools
import math
import re
from datetime import date
from importlib import resources
from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.pages.more_people import survival_figure
from pipelines.report.read import Row
from pipelines.settings import Settings

from .markup import parse
from .warehouses import build_warehouse

FIGURES = {"survival", "lifecycle", "cohorts", "value", "lifetime", "concentration", "trees"}


def traces(html: str, name: str) -> list[dict[str, list[float]]]:
    found: list[dict[str, list[float]]] = parse(html).figures()[f"fig-more-{name}-json"]["data"]
    return found


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def values(html: str) -> list[float]:
    return [float(a["data-v"]) for a in parse(html).having("data-v")]


def column(connection: duckdb.DuckDBPyConnection, query: str) -> list[float]:
    return [float(row[0]) for row in connection.execute(query).fetchall()]


def test_every_figure_is_there_with_its_definition(pages: dict[str, str]) -> None:
    html = pages["more.html"]
    assert {key.removeprefix("fig-more-").removesuffix("-json") for key in parse(html).figures()} == FIGURES
    for name in FIGURES:
        figure = html.split(f'<figure class="chart" role="group" aria-labelledby="fig-more-{name}-title"')[
            1
        ].split("</figure>")[0]
        assert 'class="defs"' in figure, name
        assert "<tbody><tr>" in figure, name


def test_survival_equals_its_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    every, *months = traces(pages["more.html"], "survival")
    query = (
        "select stay_probability from retention.survival where cohort_month {} and at_risk >= 30 order by day"
    )
    assert every["y"] == pytest.approx(column(warehouse, query.format("is null")), abs=1e-4)
    assert len(months) == 6
    newest = column(warehouse, query.format("= date '2026-11-01'"))
    assert [y for y in months[-1]["y"] if y is not None] == pytest.approx(newest, abs=1e-4)
    assert months[-1]["y"][len(newest) :] == [None] * (len(every["y"]) - len(newest))  # no longer followed
    assert len({trace["line"]["dash"] for trace in months}) > 3  # type: ignore[call-overload]


def test_survival_of_months_too_small_to_draw_is_that_of_everybody() -> None:
    followed = {
        "cohort_size": 40,
        "at_risk": 40,
        "exited_members": 0,
        "stay_probability": 1.0,
        "reason": None,
    }
    rows: list[Row] = [{"cohort_month": None, "day": day, **followed} for day in range(3)]
    rows.append({"cohort_month": date(2026, 11, 1), "day": 0, **followed, "at_risk": 29})
    drawn = survival_figure(rows, 30)
    assert drawn is not None
    assert "2026-11" not in drawn.json


def test_lifecycle_adds_up(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    new, returning, back, silent = traces(pages["more.html"], "lifecycle")
    active = column(warehouse, "select active from retention.lifecycle order by week_start")
    sums = [a + b + c for a, b, c in zip(new["y"], returning["y"], back["y"], strict=True)]
    assert sums == active
    assert silent["y"] == column(warehouse, "select dormant from retention.lifecycle order by week_start")


@pytest.mark.parametrize(
    ("name", "table", "value", "also"),
    [
        ("cohorts", "retention.cohorts", "retention_rate", "true"),
        ("value", "revenue.cohort_value", "value_per_member", "cohort_kind = 'join'"),
    ],
)
def test_cohort_curves_equal_their_query(
    name: str,
    table: str,
    value: str,
    also: str,
    pages: dict[str, str],
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    weeks = warehouse.execute(
        f"""
        select cohort_week from {table}
        where week_index = 4 and {value} is not null and cohort_size >= 30 and {also}
        order by cohort_week desc limit 7
        """
    ).fetchall()
    drawn = traces(pages["more.html"], name)
    assert len(drawn) == len(weeks) > 2
    for trace, (week,) in zip(reversed(drawn), weeks, strict=True):
        told = column(
            warehouse,
            f"""
            select {value} from {table}
            where cohort_week = '{week}' and {value} is not null and {also} order by week_index
            """,
        )
        assert [y for y in trace["y"] if y is not None] == pytest.approx(told, abs=0.006), week


def test_curves_by_week_name_what_they_count(pages: dict[str, str]) -> None:
    figures = parse(pages["more.html"]).figures()
    for name in ("fig-more-value-json", "fig-more-cohorts-json"):
        assert figures[name]["layout"]["meta"]["xaxis"]["en"] == "Weeks after joining"


def test_the_colours_that_stand_on_each_other_differ_in_light_and_dark(pages: dict[str, str]) -> None:
    css = resources.files("pipelines.report").joinpath("assets/report.css").read_text(encoding="utf-8")
    light = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", css.split("}")[0]))
    dark = light | dict(
        re.findall(r"--(\w+): (#[0-9a-f]{6});", css.split('[data-theme="dark"] {')[1].split("}")[0])
    )
    roles = [
        trace["meta"]["role"]
        for trace in parse(pages["more.html"]).figures()["fig-more-lifecycle-json"]["data"]
    ]
    assert len(set(roles)) == 4
    for palette in (light, dark):
        parts = [[int(palette[role][at : at + 2], 16) for at in (1, 3, 5)] for role in roles]
        for one, other in itertools.combinations(parts, 2):
            assert math.dist(one, other) > 60, (palette, one, other)


def test_transitions_are_those_of_the_newest_month(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["more.html"], "transitions")
    told = warehouse.execute(
        "select from_members, share from retention.transitions where month_start = '2026-10-01'"
    ).fetchall()
    expected = sorted([*{float(row[0]) for row in told}, *(float(row[1]) for row in told)])
    assert sorted(values(html)) == pytest.approx(expected, rel=1e-5)
    assert "2026-10" in html


def test_customer_segments_equal_their_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["more.html"], "rfm")
    cells = column(warehouse, "select count(*) from revenue.rfm group by r, f order by r desc, f")
    assert values(html.split('id="rfm-data"')[0]) == cells
    rows = warehouse.execute(
        """
        select count(*), sum(monetary) / (select sum(monetary) from revenue.rfm), median(recency_days),
            median(frequency)
        from revenue.rfm group by segment order by sum(monetary) desc
        """
    ).fetchall()
    assert values(html.split('id="rfm-data"')[1]) == pytest.approx(
        [float(value) for row in rows for value in row], rel=1e-5
    )
    assert sum(cells) == 300


def test_lifetime_value_is_a_sum_by_tenths(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    (tenths,) = traces(pages["more.html"], "lifetime")
    every = column(warehouse, "select expected_value_365d from revenue.lifetime_value order by 1 desc")
    assert tenths["y"] == pytest.approx([sum(every[i : i + 30]) for i in range(0, 300, 30)], abs=0.01)


def test_lifetime_value_is_hidden_where_few_buy_again(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("update revenue.lifetime_value_parameters set repeat_buyers = 199")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "more.html").read_text(encoding="utf-8")
    assert "fig-more-lifetime" not in html
    assert "only 199 repeat buyers, and fewer than 200" in html


def test_the_product_curve_equals_its_table(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    curve, even = traces(pages["more.html"], "concentration")
    told = column(
        warehouse, "select cumulative_share from revenue.products where rank is not null order by rank"
    )
    assert curve["y"] == pytest.approx([0, *told], abs=1e-4)
    assert even["y"] == [0, 1]


def test_trees_equal_their_query_and_show_no_id(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (bars,) = traces(pages["more.html"], "trees")
    sizes = column(
        warehouse,
        "select max(tree_size) from referral.tree group by root_member_id having max(generation) > 0",
    )
    assert sum(bars["y"]) == len(sizes)
    assert bars["y"][bars["x"].index("21–50")] == sum(21 <= size <= 50 for size in sizes)  # type: ignore[arg-type]
    with build_warehouse() as connection:
        connection.execute(
            """
            update referral.tree set member_id = 'wm-secret-' || member_id,
                inviter_id = 'wm-secret-' || inviter_id, root_member_id = 'wm-secret-' || root_member_id
            """
        )
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "more.html").read_text(encoding="utf-8")
    assert "secret" not in html
    assert len(re.findall(r"<code>…[^<]{1,4}</code>", html)) > 10


def test_the_walk_of_a_tree_goes_down_its_branches(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from referral.tree")
        connection.execute(
            """
            insert into referral.tree values
                ('root', null, 'root', 0, 2, 4, 5), ('wide', 'root', 'root', 1, 2, 2, 5),
                ('leaf', 'root', 'root', 1, 0, 0, 5), ('kid1', 'wide', 'root', 2, 0, 0, 5),
                ('kid2', 'wide', 'root', 2, 0, 0, 5)
            """
        )
        build_site(connection, Settings(), tmp_path)
    html = section((tmp_path / "more.html").read_text(encoding="utf-8"), "branches")
    assert re.findall(r'level-(\d)"><code>…(\w+)<', html) == [
        ("0", "root"),
        ("1", "wide"),
        ("2", "kid1"),
        ("2", "kid2"),
        ("1", "leaf"),
    ]


def test_flows_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        """
        select joined, joined / sum(joined) over (), inviters from referral.flows
        order by joined desc, from_group, to_group limit 20
        """
    ).fetchall()
    html = section(pages["more.html"], "flows")
    assert values(html) == pytest.approx([float(value) for row in rows for value in row], rel=1e-5)
    assert "unknown" in html


@pytest.mark.parametrize(
    ("kind", "gone", "export"),
    [
        ("order", {"value", "lifetime", "concentration"}, None),
        ("invite", {"trees"}, "invites_*.csv"),
        ("join", {"survival", "cohorts", "value"}, "joins_*.csv"),
    ],
)
def test_a_missing_export_leaves_its_figures_out(
    kind: str, gone: set[str], export: str | None, tmp_path: Path
) -> None:
    with build_warehouse(without=(kind,)) as connection:
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "more.html").read_text(encoding="utf-8")
    drawn = {key.removeprefix("fig-more-").removesuffix("-json") for key in parse(html).figures()}
    assert drawn == FIGURES - gone
    assert (export or "orders_*.csv") in html


def test_without_the_tables_it_says_so(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        for table in (
            "retention.survival",
            "retention.lifecycle",
            "retention.transitions",
            "revenue.rfm",
            "revenue.lifetime_value",
            "revenue.cohort_value",
            "revenue.products",
            "referral.flows",
        ):
            connection.execute(f"drop table {table}")
        connection.execute("delete from retention.cohorts")
        connection.execute("delete from referral.tree")
        build_site(connection, Settings(), tmp_path)
    html = (tmp_path / "more.html").read_text(encoding="utf-8")
    assert html.count('class="need"') == 1
    assert parse(html).scripts == {}
