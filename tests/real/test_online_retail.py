"""305 daily order exports of a shop: every known fact of the data comes out of the warehouse, to the cent."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.load import load_file, take_inventory
from pipelines.macros import install_macros
from pipelines.models import build_models, read_models
from pipelines.own_questions import build_own
from pipelines.raw import create_raw, write_settings
from pipelines.resources import shipped_path
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import open_warehouse
from tests.warm import groupfunnel

from .homes import EXAMPLES, BuiltHome, contents, run_home

pytestmark = pytest.mark.real_data

SETTINGS = EXAMPLES / "online-retail.toml"
# Product codes that begin with a digit are goods; postage, fees and adjustments do not.
GOODS = ('product_id = "StockCode"', "product_id = { from = \"StockCode\", extract = '^(\\d\\w*)' }")


@pytest.fixture(scope="module")
def lines(retail_files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The lines as the files have them, all text, in the order of the files' names: table `lines`."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(
            f"create table lines as select * exclude (filename) from read_csv('{retail_files}/*.csv', "
            "all_varchar = true, header = true, filename = true) order by filename"
        )
        yield connection


def test_every_line_is_kept(retail: BuiltHome) -> None:
    assert retail.row(
        "select count(*), sum(rows_read), sum(rows_kept), sum(rows_duplicate), sum(rows_rejected) "
        "from raw.loads"
    ) == (305, 541_909, 541_909, 0, 0)
    assert retail.row("select count(*), count(distinct order_id) from raw.orders") == (541_909, 25_900)
    assert retail.one("select count(*) from core.orders") == 25_900
    assert retail.one("select count(*) from core.order_lines") == 541_909


def test_customers_and_unknown_buyers(retail: BuiltHome) -> None:
    assert retail.one("select count(*) from core.members") == 4_372
    assert retail.one("select count(*) from raw.orders where member_id is null") == 135_080


def test_exact_duplicate_lines_are_two_purchases(retail: BuiltHome, lines: duckdb.DuckDBPyConnection) -> None:
    def repeated(columns: str) -> int:
        ((found,),) = lines.execute(
            f"select sum(n - 1) from (select count(*) as n from lines group by {columns})"
        ).fetchall()
        return int(found)

    kept = "InvoiceNo, StockCode, Quantity, InvoiceDate, UnitPrice, CustomerID"
    assert repeated(f"{kept}, Description, Country") == 5_268
    in_warehouse = retail.one(
        "select sum(n - 1) from (select count(*) as n from raw.orders "
        "group by order_id, product_id, quantity, ordered_at, unit_price, member_id)"
    )
    # Two more pairs differ in their description only, which is not kept.
    assert in_warehouse == repeated(kept) == 5_270


def test_cancelled_lines_and_adjustments_are_refunds(retail: BuiltHome) -> None:
    assert retail.row("select count(*), sum(amount) from raw.orders where order_id like 'C%'") == (
        9_288,
        Decimal("-896812.49"),
    )
    assert retail.rows(
        "select line_kind, count(*), sum(amount) from core.order_lines where order_id like 'A%' "
        "group by all order by all"
    ) == [("refund", 2, Decimal("-22124.12")), ("sale", 1, Decimal("11062.06"))]
    assert retail.row(
        "select count(*), sum(amount) from core.order_lines where line_kind = 'refund' and order_id like 'C%'"
    ) == (9_288, Decimal("-896812.49"))


def test_money_to_the_cent(retail: BuiltHome) -> None:
    known = (Decimal("10666684.54"), Decimal("-918936.61"), Decimal("9747747.93"))
    assert retail.one("select sum(amount) from raw.orders") == known[2]
    assert retail.row("select sum(gmv), sum(refunded), sum(net_revenue) from core.orders") == known
    assert retail.row("select sum(gmv), sum(refunds), sum(net_revenue) from revenue.weekly") == known


def test_spend_per_buyer_leaves_unknown_buyers_on_neither_side(retail: BuiltHome) -> None:
    rows = retail.rows(
        "select identified_gmv, buyers, spend_per_buyer, gmv, unmatched_share from revenue.weekly "
        "where is_complete"
    )
    assert len(rows) > 40
    for identified, buyers, spend, gmv, unmatched in rows:
        assert spend == pytest.approx(float(identified) / buyers)
        assert identified < gmv
        assert 0 < unmatched < 1


def test_buyers_and_repurchase(retail: BuiltHome) -> None:
    buyers, again = retail.row(
        """
        with buyers as (
            select member_id, count(*) as orders
            from core.orders
            where paid_at is not null and kind = 'sale' and member_id is not null
            group by member_id
        )
        select count(*), avg(cast(orders > 1 as integer)) from buyers
        """
    )
    assert (buyers, round(again, 4)) == (4_339, 0.6557)
    told, lifetime, median = retail.row(
        "select buyers, lifetime_repurchase_rate, median_days_between from revenue.repurchase "
        "where cohort_month is null and category = 'all'"
    )
    assert (told, round(lifetime, 4)) == (4_339, 0.6430)
    assert median > 0


def test_christmas_is_a_gap_and_not_a_collapse(retail: BuiltHome) -> None:
    assert retail.rows(
        "select min(day), max(day), count(*) from core.coverage "
        "where event_kind = 'order' and not is_covered and group_id is null"
    ) == [(date(2010, 12, 24), date(2011, 1, 3), 11)]
    weeks = dict(retail.rows("select week_start, is_complete from revenue.weekly"))
    assert not weeks[date(2010, 12, 20)]
    assert not weeks.get(date(2010, 12, 27), False)
    assert not weeks[date(2011, 1, 3)]
    assert weeks[date(2010, 12, 13)]
    assert weeks[date(2011, 1, 10)]


def test_the_report_says_that_nothing_but_orders_was_exported(retail: BuiltHome) -> None:
    assert retail.one("select report_week from core.settings") == "2011-W48"
    assert "No join export" in retail.page("acquisition.html")
    assert "No order export" not in retail.page("revenue.html")
    assert retail.rows("select check_name from quality.checks where outcome <> 'passed'") == []


@pytest.fixture(scope="module")
def goods(lines: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory) -> BuiltHome:
    """The same lines as one Parquet file of text columns, with a mapping that keeps codes of goods only."""
    folder = tmp_path_factory.mktemp("goods")
    inbox = folder / "inbox"
    inbox.mkdir()
    lines.execute(f"copy lines to '{inbox}/all.parquet' (format parquet)")
    settings = folder / "settings.toml"
    text = SETTINGS.read_text(encoding="utf-8")
    assert GOODS[0] in text
    settings.write_text(text.replace(*GOODS).replace('"*.csv"', '"*.parquet"'), encoding="utf-8")
    return run_home(inbox, settings, folder / "home")


def test_concentration_over_goods(goods: BuiltHome) -> None:
    products, top_2, top_20 = goods.row(
        "select products, top_2pct_share, top_20pct_share from revenue.concentration where period = 'all'"
    )
    assert (products, round(top_2, 4), round(top_20, 4)) == (3_900, 0.2710, 0.7825)


def test_concentration_of_sales_before_refunds(goods: BuiltHome) -> None:
    assert goods.row(
        """
        with products as (
            select product_id, sum(amount) as sold
            from core.order_lines
            where line_kind = 'sale' and product_id is not null
            group by product_id
        ),
        ranked as (
            select sold, row_number() over (order by sold desc) as place, count(*) over () as products
            from products
        )
        select
            max(products),
            round(cast(sum(case when place <= ceil(products * 0.02) then sold end) as double) / sum(sold), 4),
            round(cast(sum(case when place <= ceil(products * 0.20) then sold end) as double) / sum(sold), 4)
        from ranked
        """
    ) == (4_028, 0.2903, 0.7948)


def test_one_parquet_file_says_the_same_as_305_csv_files(goods: BuiltHome, retail: BuiltHome) -> None:
    weeks = "select * from revenue.weekly order by week_start"
    assert goods.rows(weeks) == retail.rows(weeks)
    assert goods.rows("select * from revenue.repurchase order by all") == retail.rows(
        "select * from revenue.repurchase order by all"
    )


def test_one_by_one_in_random_order_gives_the_same_tables(
    retail: BuiltHome, retail_files: Path, tmp_path: Path
) -> None:
    settings = load_settings(SETTINGS)
    connection = open_warehouse(tmp_path / "shuffled.duckdb")
    create_raw(connection)
    files = list(take_inventory(connection, retail_files, settings).new)
    assert len(files) == 305
    random.Random(20260302).shuffle(files)
    for candidate in files:
        load_file(connection, candidate, settings, datetime.now(UTC))
    _build(connection, settings)
    shuffled = contents(connection)
    connection.close()
    with duckdb.connect(str(retail.root / "data" / "warehouse.duckdb"), read_only=True) as published:
        at_once = contents(published)
    assert len(at_once) > 60
    assert {name: at_once[name] for name in at_once if at_once[name] != shuffled.get(name)} == {}
    assert at_once.keys() == shuffled.keys()


def _build(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    write_settings(connection, settings)
    build_models(connection, read_models(shipped_path("sql")), lambda built: None)
    install_macros(connection)
    build_own(connection, settings)


def test_five_weeks_of_the_command_give_the_same_as_one(retail_files: Path, tmp_path: Path) -> None:
    files = sorted(retail_files.glob("*.csv"))[:5]
    order = [3, 0, 4, 1, 2]
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    for position, number in enumerate(order, start=1):
        shutil.copy(files[number], inbox)
        done = groupfunnel("load", "--inbox", inbox, "--settings", SETTINGS, "--home", home)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"1 new file, {position - 1} known" in done.stdout
    done = groupfunnel("build", "--inbox", inbox, "--settings", SETTINGS, "--home", home)
    assert done.returncode == 0, done.stdout + done.stderr
    again = groupfunnel("load", "--inbox", inbox, "--settings", SETTINGS, "--home", home)
    assert "0 new files, 5 known" in again.stdout

    other = tmp_path / "other"
    for verb in ("load", "build"):
        done = groupfunnel(verb, "--inbox", inbox, "--settings", SETTINGS, "--home", other)
        assert done.returncode == 0, done.stdout + done.stderr
    found = []
    for root in (home, other):
        with duckdb.connect(str(root / "data" / "warehouse.duckdb"), read_only=True) as connection:
            found.append(contents(connection))
    assert found[0] == found[1]
