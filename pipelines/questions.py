"""Questions to the explore macros as SQL, from the settings file and from the command line alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pipelines.own_settings import SPAN, Exclude, Funnel, Retention
from pipelines.warehouse import literal

_UNITS = {"h": "hour", "d": "day", "w": "week"}


def span(text: str) -> str:
    """An interval like "7 days" as SQL; empty is NULL. Raises ValueError where it is no span."""
    if not text.strip():
        return "null"
    found = SPAN.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no span of time; give one like 7d, 12h, 2w or 1month")
    unit = found.group(2).lower()
    return f"interval {int(found.group(1))} {_UNITS.get(unit, unit)}"


def told(value: object) -> str:
    """A value of a parameter as SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"date {literal(value.isoformat())}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(told(one) for one in value)}]"
    if isinstance(value, Exclude):
        before = f", before_step: {value.before_step}" if value.before_step else ""
        return (
            f"{{event: {literal(value.event)}, after_step: {value.after_step}{before}, "
            f"policy: {literal(value.policy)}}}"
        )
    return literal(str(value))


def call(macro: str, positional: list[str], named: Mapping[str, object]) -> str:
    """A call of a macro: `positional` is SQL already; of `named` what is None is left out."""
    parts = [*positional]
    parts += [f'"{name}" := {told(value)}' for name, value in named.items() if value is not None]
    return f"explore.{macro}({', '.join(parts)})"


def funnel_call(funnel: Funnel, macro: str = "funnel", **more: object) -> str:
    """A call of explore.funnel, or of `macro`, for a funnel of the settings."""
    named = {
        "mode": funnel.mode, "entry": funnel.entry, "from_day": funnel.from_day, "to_day": funnel.to_day,
        "exclude": funnel.exclude, "by": funnel.by, **more,
    }  # fmt: skip
    return call(macro, [told(funnel.steps), span(funnel.within)], named)


def retention_call(retention: Retention, **more: object) -> str:
    """A call of explore.retention for a retention of the settings."""
    named = retention.model_dump(exclude={"name", "start_event", "return_event"}) | more
    return call("retention", [told(retention.start_event), told(retention.return_event)], named)
