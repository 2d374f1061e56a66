"""Write numbers as people read them: 12,345 in English, 1.2万 where Chinese says so."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

from pipelines.report.text import Text, plain

SYMBOLS = {"CNY": "¥", "JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "TWD": "NT$", "KRW": "₩"}
DASH = Text("—", "—")
MINUS = "\N{MINUS SIGN}"

Value = int | float | Decimal | None


def known(value: Value) -> float | None:
    """Return the value as a float, None for NULL, NaN and infinities."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def symbol(currency: str) -> str:
    """Return the sign that stands before an amount; the code itself where there is none."""
    return SYMBOLS.get(currency.upper(), currency.upper() + " ")


def written(
    value: Value, unit: str, currency: str = "CNY", compact: bool = False, signed: bool = False
) -> Text:
    """Write one value.

    `unit` is one of count, tenth (a mean of counts), rate (0-1), points (0-1, a difference of rates), money,
    price, ratio, factor, score, minutes, hours, days. `compact` uses 万 and 亿 in Chinese from 10,000 on.
    NULL is a dash.
    Raises KeyError for an unknown unit.
    """
    number = known(value)
    if number is None:
        return DASH
    text = _magnitude(abs(number), unit, symbol(currency), compact)
    if not any(digit in text.en for digit in "123456789"):
        return text
    sign = MINUS if number < 0 else ("+" if signed else "")
    return Text(sign + text.zh, sign + text.en)


def _magnitude(size: float, unit: str, sign: str, compact: bool) -> Text:
    if unit in ("count", "money"):
        lead = sign if unit == "money" else ""
        zh = _wan(size) if compact and size >= 9999.5 else f"{size:,.0f}"
        return Text(lead + zh, f"{lead}{size:,.0f}")
    places = {
        "rate": lambda: plain(f"{size * 100:.1f}%"),
        "points": lambda: plain(f"{size * 100:.1f} pt"),
        "price": lambda: plain(f"{sign}{size:,.2f}"),
        "ratio": lambda: plain(f"{size:.2f}"),
        "factor": lambda: plain(f"{size:.3f}"),
        "tenth": lambda: plain(f"{size:,.1f}"),
        "score": lambda: plain(f"{size:.0f}"),
        "minutes": lambda: Text(f"{_short(size)} 分钟", f"{_short(size)} min"),
        "hours": lambda: Text(f"{_short(size)} 小时", f"{_short(size)} h"),
        "days": lambda: Text(f"{_short(size)} 天", f"{_short(size)} d"),
    }
    return places[unit]()


def _wan(size: float) -> str:
    if size >= 99_995_000:
        return f"{size / 1e8:.2f}亿"
    return f"{size / 1e4:.2f}万" if size < 999_950 else f"{size / 1e4:.1f}万"


def _short(size: float) -> str:
    return f"{size:,.0f}" if size >= 100 or size == int(size) else f"{size:.1f}"


def difference(now: Value, before: Value, unit: str, currency: str = "CNY") -> Text | None:
    """Write a change in the metric's own unit, rates in percentage points; None when either is NULL."""
    new, old = known(now), known(before)
    if new is None or old is None:
        return None
    return written(new - old, "points" if unit == "rate" else unit, currency, compact=True, signed=True)


def relative(now: Value, before: Value, base: Value, small: int) -> str | None:
    """Write a change in percent; None on a base under `small`, and where it means nothing."""
    new, old, size = known(now), known(before), known(base)
    if new is None or old is None or size is None or size < small or old <= 0:
        return None
    share = (new - old) / old * 100
    if abs(share) < 0.05:
        return "0.0%"
    return f"{'+' if share > 0 else MINUS}{abs(share):.1f}%"


def week_label(week_start: date) -> str:
    """Name a week by ISO: the week its fourth day is in, so that Sunday weeks get the same names."""
    year, week, _ = (week_start + timedelta(days=3)).isocalendar()
    return f"{year}-W{week:02d}"


def week_short(week_start: date) -> str:
    """Name a week without its year, for columns: W46."""
    return week_label(week_start)[5:]


def rounded(value: Value, digits: int = 4) -> float | int | None:
    """Round for a chart: plain numbers, whole ones as integers, None for NULL."""
    number = known(value)
    if number is None:
        return None
    short = round(number, digits)
    return int(short) if short == int(short) else short
