"""Invited members, rewards to look at, earlier numbers that changed: each equals a direct query."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines.report import build_site
from pipelines.report.pages.referral_worth import difference, interval, masked
from pipelines.settings import Report, Settings

from .markup import parse
from .warehouses import build_warehouse


def section(html: str, name: str) -> str:
    return html.split(f'<section id="{name}"')[1].split("</section>")[0]


def lines(html: str, table: str) -> list[str]:
    body = html.split(f'id="{table}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    return body.split("</tr>")[:-1]


def values(html: str) -> list[float]:
    return [float(a["data-v"]) for a in parse(html).having("data-v")]


def built(connection: duckdb.DuckDBPyConnection, folder: Path, page: str, share: bool = False) -> str:
    build_site(connection, Settings(report=Report(share=share)), folder)
    return (folder / f"{page}.html").read_text(encoding="utf-8")


def test_the_cost_of_an_invitee_who_stayed_stands_first(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = pages["referral.html"]
    assert html.index('id="fig-cost"') < html.index('id="fig-invites"')
    figure = parse(html).figures()["fig-cost-json"]
    rows = warehouse.execute(
        "select cost_per_kept_30d, cost_per_joined from referral.weekly order by week_start"
    ).fetchall()
    for trace, column in zip(figure["data"], zip(*rows, strict=True), strict=True):
        assert trace["y"] == [None if value is None else pytest.approx(float(value)) for value in column]
    assert "¥8.10 per invitee still in a group 30 days later" in html


def test_invited_members_equal_their_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["referral.html"], "worth")
    one, other = warehouse.execute(
        """
        select sum(members), sum(survived_7d_members) / sum(members),
            sum(activated_7d_members) / sum(members), sum(buyer_30d_members) / sum(members)
        from referral.quality
        where cohort_week in (select distinct cohort_week from referral.quality where is_complete
            order by cohort_week desc limit 12)
        group by source order by source
        """
    ).fetchall()
    assert "12 cohorts from 2026-W30 to 2026-W41" in html
    members, *shares = lines(html, "table-worth")
    assert values(members) == [one[0], other[0]]
    for place, line in enumerate(shares, start=1):
        assert values(line) == pytest.approx([one[place], other[place], one[place] - other[place]], rel=1e-5)
    assert [
        "invited: less" in shares[0],
        "no difference seen" in shares[1],
        "invited: more" in shares[2],
    ] == [
        True,
        True,
        True,
    ]


def test_intervals_are_those_of_the_textbooks() -> None:
    # Newcombe (1998), example (a): 56/70 and 48/80, by the method of the two Wilson intervals.
    one, other = interval(56, 70), interval(48, 80)
    assert one == pytest.approx((0.8, 0.6916, 0.8772), abs=1e-3)
    assert difference(one, other) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)
    assert interval(0, 0) is None and difference(one, None) is None


def test_what_is_not_known_of_any_cohort_is_no_row_and_says_why(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("update referral.quality set survived_7d_members = null")
        connection.execute("update referral.quality set reason = 'lists_too_far_apart' where is_complete")
        html = section(built(connection, tmp_path, "referral"), "worth")
    assert 'data-def="invited_stayed"' not in html and 'data-def="invited_bought"' in html
    assert "member lists are too far apart" in html


def test_few_members_are_grey_and_not_judged(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from referral.quality where cohort_week <> date '2026-10-05'")
        html = section(built(connection, tmp_path, "referral"), "worth")
    assert html.count("too few") == 3 and "no difference seen" not in html and "n small" in html
    assert "fewer than 30" in html


def test_before_a_window_is_over_it_says_so(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from referral.quality where cohort_week < date '2026-11-09'")
        html = section(built(connection, tmp_path, "referral"), "worth")
    assert "No cohort has completed its windows yet" in html and "<table" not in html
    assert "not yet mature" in html and "not exported" not in html


def test_rewards_to_look_at_equal_their_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["referral.html"], "suspects")
    for line, column in zip(
        lines(html, "table-patterns"),
        ("left_within_48h", "self_invites", "paid_twice", "abused"),
        strict=True,
    ):
        row = warehouse.execute(
            f"select sum({column}), count(*) filter ({column} > 0) from referral.abuse"
        ).fetchone()
        assert row is not None and values(line) == list(row), column
    rows = warehouse.execute(
        """
        select inviter_id, judged, left_within_48h, self_invites, paid_twice, abused, abuse_rate, abused_cost
        from referral.abuse where abused >= 2 order by abused desc, abuse_rate desc, inviter_id
        """
    ).fetchall()
    found = lines(html, "table-suspects")
    assert len(rows) == 13 and len(found) == 10 and "3 more, in referral.abuse" in html
    for line, row in zip(found, rows, strict=False):
        assert values(line) == pytest.approx([float(value) for value in row[1:]], rel=1e-5)
        assert str(row[0]) not in html and f"…{str(row[0])[-4:]}" in line
    assert "Check before deciding" in html
    repeats = sum(float(row[5]) for row in rows)
    assert f"Inviters with two or more: {len(rows)}, with {repeats:.0f} of these." in html


def test_who_brought_the_most_is_named_by_the_ends_of_ids(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["referral.html"], "inviters")
    rows = warehouse.execute(
        """
        select member_id, direct_invitees, descendants from referral.tree where descendants > 0
        order by descendants desc, direct_invitees desc, member_id limit 15
        """
    ).fetchall()
    assert rows
    for name, line in zip(rows, html.split("<tbody>")[1].split("</tr>"), strict=False):
        assert str(name[0]) not in html and f"<code>{masked(name[0]).en}</code>" in line
        assert values(line) == [float(name[1]), float(name[2])]


def test_unknown_exits_say_why_and_what_is_known_stays(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            """
            update referral.abuse set left_within_48h = null, abused = null, abuse_rate = null,
                abused_cost = null, reason = 'no_reward_times'
            """
        )
        html = section(built(connection, tmp_path, "referral"), "suspects")
    left, own, _, any_of = lines(html, "table-patterns")
    assert "when rewards were given is not exported" in left and values(left) == values(any_of) == []
    assert values(own) == [1, 1]


def test_without_patterns_it_says_so(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("update referral.abuse set left_within_48h = 0, self_invites = 0, paid_twice = 0")
        connection.execute("update referral.abuse set abused = 0, abuse_rate = 0")
        html = section(built(connection, tmp_path, "referral"), "suspects")
    assert "None of these patterns was found" in html and "table-suspects" not in html


def test_a_shared_report_names_nobody_and_hides_the_few(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute(
            "update referral.quality set buyer_30d_members = 0 where source = 'invited' and is_complete"
        )
        connection.execute(
            "update referral.quality set buyer_30d_members = 3 where source = 'invited'"
            " and cohort_week = date '2026-10-05'"
        )
        html = built(connection, tmp_path, "referral", share=True)
        quality = section((tmp_path / "quality.html").read_text(encoding="utf-8"), "restated")
    assert 'id="suspects"' not in html and "wm-inviter" not in html
    _, stayed, _, bought = lines(html, "table-worth")
    assert len(values(stayed)) == 3
    assert values(bought) == [] and bought.count("＊") == 3
    assert "table-restated" not in quality and "leaves the numbers out" in quality
    assert not list((tmp_path / "data").glob("*table-suspects*"))
    assert not list((tmp_path / "data").glob("*table-restated*"))


def test_masked_ids_keep_less_than_they_hide() -> None:
    assert [str(masked(one).en) for one in ("wm5a3f643e52", "abcd", "abc", "a", "")] == [
        "…3e52",
        "…cd",
        "…c",
        "…",
        "…",
    ]


def test_changed_numbers_equal_their_query(
    pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection
) -> None:
    html = section(pages["quality.html"], "restated")
    count = warehouse.execute("select count(*) from quality.restatements").fetchone()
    assert count is not None and f"numbers changed: {count[0]} · builds: 2" in html
    rows = warehouse.execute(
        """
        select value_before, value_now, key, because from quality.restatements
        order by build desc, ends_with(table_name, '_by_group'), first_day desc, table_name, key, metric
        limit 20
        """
    ).fetchall()
    found = lines(html, "table-restated")
    assert len(found) == 20
    for line, row in zip(found, rows, strict=True):
        assert values(line) == pytest.approx([float(v) for v in row[:2] if v is not None], rel=1e-5), row
    assert 'data-def="gmv"' in found[0] and "+¥100" in found[0] and "2026-W45" in found[0]
    assert "=late &lt;b&gt;orders.csv" in found[0]
    (gone,) = [line for line in found if "can no longer be told" in line]
    assert 'data-def="exit_rate"' in gone and "2026-W41" in gone
    assert 'data-def="opened"' in found[-1] and "groups/" in "".join(found[10:])


def test_late_files_equal_their_query(pages: dict[str, str], warehouse: duckdb.DuckDBPyConnection) -> None:
    html = section(pages["quality.html"], "restated")
    rows = warehouse.execute(
        """
        select count(*), min(first_day), max(first_day) from quality.restatements
        group by build, because order by build desc, count(*) desc, because
        """
    ).fetchall()
    found = lines(html, "table-causes")
    assert len(found) == len(rows) == 3
    for line, row in zip(found, rows, strict=True):
        assert values(line) == [row[0]] and f"{row[1]} — {row[2]}" in line
    assert "somebody was forgotten" in found[-1] and "2026-W45" in found[-1]


def test_older_builds_name_cohorts_and_what_has_no_definition(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from quality.restatements where build = 2")
        html = section(built(connection, tmp_path, "quality"), "restated")
    cohort, mystery = lines(html, "table-restated")
    assert "2026-W44, week 4 after joining" in cohort and "+2.5 pt" in cohort
    assert "<code>mystery</code>" in mystery and values(mystery) == [1, 2]


def test_nothing_changed_says_so(tmp_path: Path) -> None:
    with build_warehouse() as connection:
        connection.execute("delete from quality.restatements")
        html = section(built(connection, tmp_path, "quality"), "restated")
    assert "No published number has changed since." in html and "<table" not in html
