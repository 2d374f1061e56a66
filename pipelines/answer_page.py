"""One page with a chart and a table of an answer: no script, no request, works from a folder."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

from pipelines.answers import readable, told_columns

# Which column of an answer is drawn, and what names its bars: the first whose columns are all there.
_CHARTS = (
    ("members", ("period_start", "by_value", "step_name")),
    ("rate", ("by_value", "cohort_start", "period_index")),
    ("active", ("period_start",)),
    ("members", ("active_periods",)),
    ("credited_amount", ("channel",)),
)
_STYLE = """
:root { color-scheme: light dark; --bar: light-dark(#1f6feb, #58a6ff); --line: light-dark(#d0d7de, #3d444d); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.3rem; }
.chart { overflow-x: auto; } svg text { fill: currentColor; font-size: 12px; } svg rect { fill: var(--bar); }
.table { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); }
th, td { text-align: right; white-space: nowrap; }
th { font-weight: 600; } td.words, th.words { text-align: left; }
"""
_ROW, _LABEL, _WIDTH = 22, 260, 900


def page(title: str, names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """The HTML of an answer: a bar for each of its rows, then all of its columns."""
    kept = told_columns(names, rows)
    words = [any(isinstance(row[i], str) for row in rows) for i in kept]
    head = "".join(_cell("th", names[i], is_words) for i, is_words in zip(kept, words, strict=True))
    body = "\n".join(
        "<tr>"
        + "".join(
            _cell("td", _text(names[i], row[i]), is_words) for i, is_words in zip(kept, words, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{_chart(names, rows)}"
        f'<div class="table"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n'
        "</tbody></table></div>\n"
        "</body>\n</html>\n"
    )


def _cell(tag: str, text: str, is_words: bool) -> str:
    return f'<{tag} class="words">{escape(text)}</{tag}>' if is_words else f"<{tag}>{escape(text)}</{tag}>"


def _text(name: str, value: Any) -> str:
    shown = readable(name, value)
    if shown is None:
        return "–"
    return f"{shown:,}" if isinstance(shown, int | Decimal) and not isinstance(shown, bool) else str(shown)


def _chart(names: list[str], rows: list[tuple[Any, ...]]) -> str:
    chosen = next(
        (
            (value, [n for n in labels if n in names])
            for value, labels in _CHARTS
            if value in names and labels[-1] in names
        ),
        None,
    )
    if chosen is None or not rows:
        return "<p>No rows.</p>\n" if not rows else ""
    value, labels = chosen
    at, label_at = names.index(value), [names.index(name) for name in labels]
    drawn = [row for row in rows if row[at] is not None]
    most = max((float(row[at]) for row in drawn), default=0.0) or 1.0
    bars = []
    for i, row in enumerate(drawn):
        label = " · ".join(str(row[k]) for k in label_at if row[k] is not None)
        width = max(0.0, float(row[at])) / most * (_WIDTH - _LABEL - 90)
        y = i * _ROW
        bars.append(
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>'
            f'<rect x="{_LABEL}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 6}"/>'
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 15}">{escape(_text(value, row[at]))}</text>'
        )
    return (
        f'<div class="chart"><svg role="img" aria-label="{escape(value)}" width="{_WIDTH}" '
        f'height="{len(drawn) * _ROW}" viewBox="0 0 {_WIDTH} {len(drawn) * _ROW}">\n'
        + "\n".join(bars)
        + "\n</svg></div>\n"
    )
