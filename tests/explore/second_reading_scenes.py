"""Where and when the second reading looks: random scenes, their events, and funnels to ask there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import duckdb
from hypothesis import strategies as st

from tests.explore import second_reading_returns as returns
from tests.explore.second_reading import Clock, Event, Exclude, Question, Span, day_start

NAMES = "abcx"
# Places and days around which clocks change; in Santiago and Havana midnight itself is skipped or repeated.
SCENES = (
    ("Asia/Shanghai", date(2024, 2, 26)),
    ("UTC", date(2023, 12, 29)),
    ("Europe/Berlin", date(2024, 3, 29)),
    ("America/Santiago", date(2024, 9, 5)),
    ("America/Havana", date(2024, 3, 8)),
    ("America/Havana", date(2024, 11, 1)),
    ("Asia/Beirut", date(2024, 10, 25)),
    ("Australia/Lord_Howe", date(2024, 4, 5)),
)
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


class Scene:
    """One place in time: its instants, how its data end, and a table of events in it."""

    def __init__(self, draw: st.DrawFn, period: str, most_members: int = 60) -> None:
        self.zone, day = draw(st.sampled_from(SCENES))
        self.week_starts = draw(st.sampled_from(["monday", "sunday"]))
        clock = Clock(datetime.max, self.zone, self.week_starts)
        self.first = clock.period(day, period)
        starts = [day_start(returns.later_period(self.first, period, k), self.zone) for k in range(6)]
        noon = starts[0] + timedelta(hours=12)
        self.instants = sorted({
            *starts, *(start - TICK for start in starts[1:]), *(start + 6 * HOUR for start in starts),
            *(noon + k * returns.ROLLING[period] for k in range(5)),
        })  # fmt: skip
        self.period = period
        self.days = [clock.day(moment) for moment in self.instants]
        self.events: list[Event] = []
        self.columns = draw(st.sampled_from(["", "event_order", "row", "event_order row"]))
        self.draw_events(draw, most_members)
        as_of = draw(st.none() | st.sampled_from(self.days) | st.sampled_from(self.instants[1:]))
        if as_of is None:
            end = max(event.at for event in self.events) + TICK
        elif isinstance(as_of, datetime):
            end = as_of
        else:
            end = day_start(as_of + timedelta(days=1), self.zone)
        self.clock = replace(clock, end=end)
        self.named = {
            "as_of": as_of,
            "time_zone": self.zone,
            "week_starts": self.week_starts,
            "events": "own",
        }

    def draw_events(self, draw: st.DrawFn, most_members: int) -> None:
        """Events out of bytes: four tell one event. Member 0 knows every name, so that all are known."""
        size = draw(st.sampled_from([1, most_members // 4, most_members // 2, most_members]))
        told = draw(st.binary(min_size=16 * size, max_size=16 * size))
        for row in range(4 * size):
            who, name, when, rest = told[4 * row : 4 * row + 4]
            moment = self.instants[when % len(self.instants)]
            value = ["u", "v", None][rest % 3]
            order = [0, 1, 2, None][rest // 64] if "event_order" in self.columns else None
            number = (row * 37) % 1009 if "row" in self.columns else None
            self.events.append(Event(1 + who % size, NAMES[name % 4], moment, value, order, number))
        for row, name in enumerate(NAMES):
            self.events.append(Event(0, name, self.instants[-1 - row], "u", 0, 2000 + row))

    def __repr__(self) -> str:
        return f"{self.named} {self.columns} {self.clock} {self.events}"

    def fill(self, warehouse: duckdb.DuckDBPyConnection) -> None:
        """Lay the events into the table `own`."""
        columns = "member_id, event_name, occurred_at, value, event_order, row_number"
        warehouse.execute(
            "create or replace table own as select * from (select unnest(?::bigint[]), unnest(?::varchar[]), "
            "unnest(?::timestamp[]), unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::bigint[])) "
            f"as t({columns})",
            [[getattr(e, f) for e in self.events] for f in ("member", "name", "at", "value", "order", "row")],
        )
        if "event_order" not in self.columns:
            warehouse.execute("alter table own drop column event_order")
            self.events = [replace(event, order=None) for event in self.events]
        if "row" not in self.columns:
            self.events = [replace(event, row=None) for event in self.events]
        else:
            self.named["order_column"] = "row_number"


@st.composite
def scenes(draw: st.DrawFn, most_members: int = 60) -> Scene:
    """Any scene."""
    return Scene(draw, draw(st.sampled_from(["day", "week", "month"])), most_members)


def ranges(draw: st.DrawFn, scene: Scene) -> dict[str, date | None]:
    """from_day and to_day, often none."""
    day = st.none() | st.sampled_from(scene.days)
    first, last = draw(day), draw(day)
    if first and last and first > last:
        first, last = last, first
    return {"from_day": first, "to_day": last}


@st.composite
def questions(draw: st.DrawFn, scene: Scene) -> Question:
    """Any funnel."""
    mode = draw(st.sampled_from(["ordered", "ordered", "strict", "any", "open"]))
    names = st.sampled_from(["a", "b", "c", "a", "b", "b|c", "a|b", "c|b"])
    steps = draw(st.lists(names, min_size=2, max_size=draw(st.sampled_from([3, 5, 8]))))
    if mode in ("any", "open"):  # what overlaps must be the same there
        steps = [step if step in "abc" else "c" for step in steps]
    gaps = st.sampled_from(scene.instants).flatmap(
        lambda one: st.sampled_from(scene.instants).map(lambda two: Span(0, abs(one - two)))
    )
    months = st.just(Span(1)) | st.just(Span(1, timedelta(hours=6)))
    exclude = None
    if mode in ("ordered", "strict") and draw(st.booleans()):
        after = draw(st.integers(1, len(steps) - 1))
        before = draw(st.none() | st.integers(after + 1, len(steps)))
        policy = draw(st.sampled_from(["drop_member", "not_converted"]))
        exclude = Exclude(draw(st.sampled_from("xxc")), after, before, policy)
    return Question(
        tuple(steps), draw(st.none() | gaps | gaps | months), mode,
        draw(st.sampled_from(["best", "best", "first"])), exclude=exclude, by=draw(st.booleans()),
        mature_only=draw(st.booleans()), **ranges(draw, scene),
    )  # fmt: skip
