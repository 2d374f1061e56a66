"""Shopify's order CSV: one row per line of an order, what is said of the whole order on its first row only.

What an order cost beside its lines (discounts, shipping, taxes) is spread over them in proportion, so that
they add up to its total.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from itertools import groupby, product
from pathlib import Path

import duckdb

from pipelines.contacts import contact, is_masked
from pipelines.contract import EventKind
from pipelines.people import People
from pipelines.readers.csv_rows import MAX_RECORD
from pipelines.readers.document import Document, Head, Sink
from pipelines.readers.text import encodings_of, head_text, plain_text
from pipelines.settings import Export, Settings

PLATFORM = "shopify"
KINDS: tuple[EventKind, ...] = ("order",)
SIGNATURE = frozenset(
    {"Name", "Financial Status", "Created at", "Lineitem quantity", "Lineitem price", "Total"}
)
CENT = Decimal("0.01")
# Fewer digits are no telephone number.
SHORTEST_NUMBER = 7
STATUSES = {
    "paid": "paid", "partially_refunded": "paid", "refunded": "refunded", "voided": "cancelled",
    "pending": "unpaid", "authorized": "unpaid", "partially_paid": "unpaid", "expired": "cancelled",
    "": "paid",
}  # fmt: skip

Row = Mapping[str, str]


def recognise(head: Head) -> str:
    """Its headers say so."""
    if not encodings_of(head.start):
        return ""
    line = next(iter(head_text(head.start).splitlines()), "")
    headers = {cell.strip() for cell in next(csv.reader(io.StringIO(line)), [])}
    return "Shopify's orders (Name, Financial Status, Lineitem price)" if headers >= SIGNATURE else ""


@contextmanager
def split(
    connection: duckdb.DuckDBPyConnection, path: Path, export: Export, settings: Settings, people: People
) -> Iterator[Document]:
    """The lines of the orders. Raises InputRefused when the file cannot be decoded."""
    with (
        plain_text(path) as plain,
        tempfile.TemporaryDirectory(prefix="groupfunnel-") as folder,
        Sink(Path(folder), "shopify", plain.encoding) as sink,
    ):
        sink.holds("order")
        for note in plain.traits.notes:
            sink.note(note)
        with plain.path.open(encoding="utf-8-sig", newline="") as handle:
            limit = csv.field_size_limit(MAX_RECORD)
            try:
                for _, rows in groupby(_rows(handle, sink), key=lambda row: row[1]["Name"]):
                    _order(list(rows), sink, people)
            finally:
                csv.field_size_limit(limit)
        yield sink.document()


def _rows(handle: Iterator[str], sink: Sink) -> Iterator[tuple[int, Row]]:
    """(row number, cells) of the rows that have as many cells as the header."""
    reader = csv.reader(handle)
    headers = [header.strip() for header in next(reader, [])]
    number = 0
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if len(cells) != len(headers):
            sink.reject("order", number, f"the row has not the header's {len(headers)} columns")
            continue
        # An apostrophe keeps a spreadsheet from reading the cell.
        yield number, {h: c.strip().removeprefix("'") for h, c in zip(headers, cells, strict=True)}


def _order(rows: list[tuple[int, Row]], sink: Sink, people: People) -> None:
    """Write the lines of an order, or reject them all for one reason."""
    head = rows[0][1]
    try:
        lines = [_amount(row["Lineitem price"]) * _amount(row["Lineitem quantity"]) for _, row in rows]
        if reason := _wrong(head, [row for _, row in rows], lines):
            raise ValueError(reason)
        shares = _spread(_amount(head["Total"]), lines)
        refunds = _spread(_amount(head.get("Refunded Amount", "")), lines)
        discounts = _spread(_amount(head.get("Discount Amount", "")), lines)
    except (InvalidOperation, ValueError) as error:
        reason = (
            str(error) if isinstance(error, ValueError) else "an amount or a quantity of the order is none"
        )
        for number, _ in rows:
            sink.reject("order", number, reason)
        return
    status = STATUSES.get(head["Financial Status"].lower(), head["Financial Status"])
    if head.get("Cancelled at") and status != "refunded":
        status = "cancelled"
    # Without a day of payment in the export the order's own stands for it.
    paid_at = head.get("Paid at") or (head["Created at"] if status in ("paid", "refunded") else None)
    is_partly = head["Financial Status"].lower() == "partially_refunded"
    for (number, row), share, refund, discount in zip(rows, shares, refunds, discounts, strict=True):
        sink.row("order", number, {
            "order_id": head["Name"], "ordered_at": head["Created at"],
            "paid_at": paid_at, "amount": str(share), "status": status, "member_id": _buyer(head, people),
            "product_id": row.get("Lineitem sku") or row.get("Lineitem name") or None,
            "quantity": row["Lineitem quantity"], "unit_price": row["Lineitem price"],
            "discount_amount": str(discount) if discount else None,
            "refunded_amount": str(refund) if is_partly and refund else None,
            "order_total": head["Total"], "currency": head.get("Currency") or None,
            "channel": "store" if head.get("Source") == "pos" else "other",
        })  # fmt: skip


def _wrong(head: Row, rows: list[Row], lines: list[Decimal]) -> str:
    """Why the amounts of an order cannot be right, '' where they add up to its total.

    Prices hold their taxes or not, and the discount of a line stands in that of the order or not.
    """
    if not head["Total"]:
        return "the first row of the order is missing: it has no total"
    total, told = _amount(head["Total"]), sum(lines, Decimal(0))
    told += sum((_amount(head.get(name, "")) for name in ("Shipping", "Duties", "Tip")), Decimal(0))
    taxes, discount = _amount(head.get("Taxes", "")), _amount(head.get("Discount Amount", ""))
    own = sum((_amount(row.get("Lineitem discount", "")) for row in rows), Decimal(0))
    sums = (told + tax - less for tax, less in product((Decimal(0), taxes), (discount, own, discount + own)))
    if any(abs(total - one) <= CENT for one in sums):
        return ""
    return (
        "its lines, shipping, taxes and discounts do not add up to its total: lines of the order are missing"
    )


def _spread(whole: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """An amount in parts in proportion to the weights, which add up to it to the cent."""
    base = sum(weights, Decimal(0))
    parts = []
    for weight in weights[:-1]:
        parts.append((whole * weight / base).quantize(CENT) if base else Decimal(0))
    return [*parts, whole - sum(parts, Decimal(0))]


def _buyer(head: Row, people: People) -> str | None:
    """A pseudonym of the buyer's address or number, the same however it is written and in every source.

    A masked one is nobody's; a number without its country is told apart within shops alone.
    """
    cells = [head.get(name, "").strip().removeprefix("'") for name in ("Email", "Phone", "Billing Phone")]
    told = [cell for cell in cells if cell and not is_masked(cell)]
    for cell in told:
        if contact(cell) is not None:
            return people.pseudonym("", cell)
    bare = (re.sub(r"[^0-9]", "", cell) for cell in told if "@" not in cell)
    return next((people.pseudonym("", digits) for digits in bare if len(digits) >= SHORTEST_NUMBER), None)


def _amount(text: str) -> Decimal:
    value = Decimal(text.replace(",", "") or 0)
    if not value.is_finite():
        raise ValueError("an amount of the order is none")
    return value
