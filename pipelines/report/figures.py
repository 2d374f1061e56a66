"""Plotly figures as plain JSON, without colours: the page's script adds the theme when it draws them.

Each trace says in `meta` what it is (`role`: main, muted, attention, open, or c0-c7 of the categorical
palette) and its name in both languages. Every figure carries the configuration that keeps it at home.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from pipelines.report.numbers import Value, rounded, symbol
from pipelines.report.text import Text

CONFIG = {
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displaylogo": False,
    "displayModeBar": False,
    "responsive": True,
}
# An axis of names says each of them, turned where they would touch.
NAMES = {"type": "category", "dtick": 1, "tickangle": None}
MAX_TRACES, MAX_POINTS = 15, 5_000
_VALID: set[tuple[str, ...]] = set()  # shapes Plotly has accepted: hundreds of group pages share a few


@dataclass(frozen=True)
class Table:
    """The numbers of a figure, ready to print: column headings and rows of texts or strings."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[Text | str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A chart with its title, its one-sentence finding, its numbers and the metrics it draws."""

    key: str
    title: Text
    takeaway: Text
    json: Markup
    table: Table
    terms: tuple[str, ...] = ()


def money_axis(currency: str) -> dict[str, Any]:
    """Return the layout of a chart in money: the currency's sign, and 万 where Chinese counts so."""
    return {
        "yaxis": {"tickprefix": safe_text(symbol(currency)), "tickformat": ",.0f", "hoverformat": ",.0f"},
        "meta": {"wan": True},
    }


def safe_text(value: object) -> str:
    """Escape a name for Plotly, which reads tags in any text it draws."""
    return str(escape(str(value))).replace("&#34;", '"').replace("&#39;", "'")


def numbers(values: Sequence[Value], digits: int = 4) -> list[float | int | None]:
    """Round a column into a plain list, so that the page holds readable numbers."""
    return [rounded(value, digits) for value in values]


def bars(x: Sequence[object], y: Sequence[Value], name: Text, role: str, **more: Any) -> dict[str, Any]:
    """Make a bar trace; `role` names its colour."""
    return _trace("bar", x, y, name, role, more)


def line(x: Sequence[object], y: Sequence[Value], name: Text, role: str, **more: Any) -> dict[str, Any]:
    """Make a line trace that breaks at NULL."""
    return _trace("scatter", x, y, name, role, {"mode": "lines+markers", "connectgaps": False, **more})


def open_bars(x: Sequence[object], is_open: Sequence[bool], height: float, name: Text) -> dict[str, Any]:
    """Make the hatched columns of cohorts whose window is still open."""
    return _trace(
        "bar", x, [height if each else None for each in is_open], name, "open", {"hoverinfo": "skip"}
    )


def _trace(
    kind: str, x: Sequence[object], y: Sequence[Value], name: Text, role: str, more: dict[str, Any]
) -> dict[str, Any]:
    digits = int(more.pop("digits", 4))
    return {
        "type": kind,
        "x": [safe_text(value) if isinstance(value, str) else value for value in x],
        "y": numbers(y, digits),
        "name": safe_text(name.zh),
        "meta": {"role": role, "zh": safe_text(name.zh), "en": safe_text(name.en)},
        **more,
    }


def figure(
    key: str,
    title: Text,
    takeaway: Text,
    traces: list[dict[str, Any]],
    table: Table,
    terms: tuple[str, ...] = (),
    **layout: Any,
) -> Figure:
    """Validate the traces with Plotly and freeze them as JSON safe inside a script element.

    Raises ValueError when a figure is too large for a page (15 traces, 5,000 points) or not valid Plotly.
    """
    import plotly.graph_objects as go

    points = sum(len(trace["x"]) for trace in traces)
    if len(traces) > MAX_TRACES or points > MAX_POINTS:
        raise ValueError(f"figure {key}: {len(traces)} traces and {points} points are too many for one page")
    shape = (key, str(sorted(layout)), *(str(sorted(trace)) for trace in traces))
    if shape not in _VALID:
        go.Figure(data=deepcopy(traces), layout={"template": None, **layout})  # it reorders what it is given
        _VALID.add(shape)
    content = {"data": traces, "layout": {"template": None, **layout}, "config": CONFIG}
    return Figure(key, title, takeaway, Markup(script_json(content)), table, terms)


def script_json(content: object) -> str:
    """Write JSON that cannot end the script element it stands in."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
