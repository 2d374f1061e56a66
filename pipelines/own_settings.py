"""Funnels and retentions that the settings file names."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from pipelines.thresholds import Section

SPAN = re.compile(r"^\s*(\d+)\s*(h|hour|d|day|w|week|month|minute)s?\s*$", re.IGNORECASE)
Period = Literal["day", "week", "month"]
Name = Annotated[str, Field(min_length=1, max_length=80)]


def _days_fit(from_day: date | None, to_day: date | None) -> None:
    if from_day is not None and to_day is not None and to_day < from_day:
        raise ValueError(f"to_day: {to_day} is before from_day, {from_day}")


class Exclude(Section):
    """An event that must not lie between two steps; `before_step` 0 means the last one."""

    event: str
    after_step: Annotated[int, Field(ge=1)] = 1
    before_step: Annotated[int, Field(ge=0)] = 0
    policy: Literal["drop_member", "not_converted"] = "drop_member"


class Funnel(Section):
    """A funnel that the settings name: built on every run into explore.own_funnels and its trend."""

    name: Name
    steps: Annotated[list[str], Field(min_length=1)]
    within: str = ""
    mode: Literal["ordered", "strict", "any", "open"] = "ordered"
    entry: Literal["best", "first"] = "best"
    exclude: Exclude | None = None
    by: str | None = None
    from_day: date | None = None
    to_day: date | None = None

    @field_validator("within")
    @classmethod
    def _is_span(cls, value: str) -> str:
        if value and not SPAN.match(value):
            raise ValueError('give a span like "7 days", "12 hours" or "1 month", or leave it empty for none')
        return value

    @model_validator(mode="after")
    def _exclude_fits(self) -> Funnel:
        if self.exclude is None:
            return self
        if self.mode in ("any", "open"):
            raise ValueError(f"exclude needs steps in order: mode ordered or strict, not {self.mode}")
        if self.exclude.before_step > len(self.steps):
            raise ValueError(f"exclude.before_step: there are only {len(self.steps)} steps")
        if self.exclude.after_step >= (self.exclude.before_step or len(self.steps)):
            raise ValueError("exclude.after_step must be before exclude.before_step")
        return self

    @model_validator(mode="after")
    def _has_days(self) -> Funnel:
        _days_fit(self.from_day, self.to_day)
        return self


class Retention(Section):
    """A retention that the settings name: built on every run into explore.own_retentions."""

    name: Name
    start_event: str
    return_event: str
    period: Period = "week"
    cohort: Literal["first_time", "recurring"] = "first_time"
    criteria: Literal["on", "on_or_after"] = "on"
    clock: Literal["calendar", "rolling"] = "calendar"
    periods: Annotated[int, Field(ge=0, le=366)] = 12
    by: str | None = None
    from_day: date | None = None
    to_day: date | None = None

    @model_validator(mode="after")
    def _has_days(self) -> Retention:
        _days_fit(self.from_day, self.to_day)
        return self
