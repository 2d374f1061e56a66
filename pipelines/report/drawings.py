"""Small drawings made on the server: they show in print, in mail and without JavaScript."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from pipelines.report.text import Text, attribute

WIDTH, HEIGHT, EDGE = 176, 34, 4


def sparkline(
    values: Sequence[float | None],
    low: float | None = None,
    high: float | None = None,
    label: Text | None = None,
    alert: bool = False,
) -> Markup:
    """Draw up to a few dozen values as a line that breaks at NULL, with the usual range as a band behind.

    Returns an SVG of 132 x 32 px; empty markup when there are fewer than two values.
    """
    present = [value for value in values if value is not None]
    if len(present) < 2:
        return Markup("")
    bounds = present + ([low, high] if low is not None and high is not None else [])
    bottom, top = min(bounds), max(bounds)
    span = (top - bottom) or 1.0
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)

    def place(index: int, value: float) -> tuple[str, str]:
        return _n(EDGE + index * step), _n(EDGE + (HEIGHT - 2 * EDGE) * (1 - (value - bottom) / span))

    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(" ".join(place(index, value)))
    path = "".join("M" + "L".join(run) for run in runs if len(run) > 1)
    last = max(index for index, value in enumerate(values) if value is not None)
    end_x, end_y = place(last, values[last] or 0.0)
    band = ""
    if low is not None and high is not None:
        upper, lower = float(place(0, high)[1]), float(place(0, low)[1])
        size = f'width="{WIDTH - 2 * EDGE}" height="{_n(max(lower - upper, 1))}"'
        band = f'<rect class="band" x="{EDGE}" y="{_n(upper)}" {size}/>'
    return Markup(
        '<svg class="spark{}" viewBox="0 0 {} {}" width="{}" height="{}"{}>{}<path d="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(
        " alert" if alert else "",
        WIDTH,
        HEIGHT,
        WIDTH,
        HEIGHT,
        Markup(' role="img"{}').format(attribute("aria-label", label))
        if label
        else Markup(' aria-hidden="true"'),
        Markup(band),
        path,
        end_x,
        end_y,
    )


def pair(own: Sequence[float | None], theirs: Sequence[float | None], label: Text) -> Markup:
    """Draw two counts per day on one scale from zero: theirs a grey area, ours a line broken at NULL.

    Returns an SVG of 360 x 56 px; empty markup when no day has a value.
    """
    top = max([value for value in (*own, *theirs) if value is not None], default=0.0)
    if top <= 0 or len(own) < 2:
        return Markup("")
    wide, high, edge = 360, 56, 2
    step = (wide - 2 * edge) / (len(own) - 1)

    def runs(values: Sequence[float | None]) -> list[list[tuple[str, str]]]:
        found: list[list[tuple[str, str]]] = [[]]
        for index, value in enumerate(values):
            if value is None:
                found.append([])
            else:
                y = high - edge - (high - 2 * edge) * value / top
                found[-1].append((_n(edge + index * step), _n(y)))
        return [run for run in found if run]

    floor = _n(high - edge)
    area = "".join(
        f"M{run[0][0]} {floor}L" + "L".join(" ".join(point) for point in run) + f"L{run[-1][0]} {floor}Z"
        for run in runs(theirs)
    )
    path = "".join("M" + "L".join(" ".join(point) for point in run) for run in runs(own))
    return Markup(
        '<svg class="pair" viewBox="0 0 {} {}" width="{}" height="{}" role="img"{}>'
        '<path class="theirs" d="{}"/><path class="ours" d="{}"/></svg>'
    ).format(wide, high, wide, high, attribute("aria-label", label), area, path)


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def bar(share: float | None, kind: str = "") -> Markup:
    """Draw a horizontal bar of a share 0-1 of its cell; nothing for NULL and for a true zero."""
    if not share or share < 0:
        return Markup("")
    width = min(max(share, 0.0), 1.0) * 100
    return Markup('<i class="bar {}" style="--w:{}"></i>').format(kind, _n(width))


def heat_class(share: float | None) -> str:
    """Return the shade of a heat-map cell, h0 to h10, on a square-root scale of 0-1."""
    if share is None:
        return ""
    return f"h{round(min(max(share, 0.0), 1.0) ** 0.5 * 10)}"


def shown_share(value: float | None, values: Sequence[float | None]) -> float | None:
    """Return a value as a share of the largest of its column, for bars; None for NULL."""
    top = max((abs(one) for one in values if one is not None), default=0.0)
    if value is None:
        return None
    return max(value, 0.0) / top if top > 0 else 0.0


def interval(low: float | None, value: float, high: float | None, top: float, is_sure: bool) -> Markup:
    """Draw a ratio with its interval on a scale from 0 to `top`, a line at 1: no effect.

    What is not sure is grey. Returns an SVG of 200 x 18 px; the numbers stand beside it.
    """

    def place(number: float) -> str:
        return _n(EDGE + (200 - 2 * EDGE) * min(max(number / top, 0.0), 1.0))

    span = Markup("")
    if low is not None and high is not None:
        span = Markup('<path class="span" d="M{} 9H{}"/>').format(place(low), place(high))
    return Markup(
        '<svg class="interval{}" viewBox="0 0 200 18" width="200" height="18" aria-hidden="true">'
        '<path class="one" d="M{} 0V18"/>{}<circle cx="{}" cy="9" r="3.5"/></svg>'
    ).format("" if is_sure else " unsure", place(1.0), span, place(value))
