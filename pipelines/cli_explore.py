"""Verbs that ask the published warehouse: funnel, retention, lifecycle, stickiness, attribution."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from pipelines.cli_options import HomeOption, InboxOption, SettingsOption, project_of

FromOption = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="First business day.", show_default=False),
]
ToOption = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="Last business day, inclusive.", show_default=False),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", help="Break down by this column of the events.", show_default=False),
]
EventsOption = Annotated[
    str,
    typer.Option("--events", help="Table or view with member_id, event_name, occurred_at."),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        formats=["%Y-%m-%d"],
        help="Day the data end. [dim]Default: as far as the exports reach[/]",
        show_default=False,
    ),
]
ActiveOption = Annotated[
    str | None,
    typer.Option("--active", help="Events that count, like message,order.", show_default=False),
]
PeriodOption = Annotated[
    Literal["day", "week", "month"], typer.Option("--period", help="Length of a period.")
]
ZoneOption = Annotated[
    str | None,
    typer.Option("--time-zone", help="Days and periods of this zone. [dim]Default: the project's[/]",
                 show_default=False),
]  # fmt: skip
WeekOption = Annotated[
    Literal["monday", "sunday"] | None,
    typer.Option("--week-starts", help="First day of a week. [dim]Default: the project's[/]",
                 show_default=False),
]  # fmt: skip
OpenOption = Annotated[
    bool, typer.Option("--with-open", help="Count those, too, whose time is not over yet.")
]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
HtmlOption = Annotated[
    Path | None,
    typer.Option("--html", help="Write one page with a chart to this file.", show_default=False),
]


def funnel(
    steps: Annotated[
        list[str], typer.Argument(help="Events in order; message|checkin is one step with alternatives.")
    ],
    within: Annotated[
        str, typer.Option(help="Time from the first step on, like 7d, 12h, 2w or 1month; empty: no limit.")
    ] = "",
    mode: Annotated[
        Literal["ordered", "strict", "any", "open"],
        typer.Option(
            help="ordered: others may lie between; strict: the very next event; any: first step first, the "
            "rest in any order; open: each step on its own."
        ),
    ] = "ordered",
    entry: Annotated[
        Literal["best", "first"],
        typer.Option(help="best: the first step that leads farthest; first: only the first of a member."),
    ] = "best",
    trend: Annotated[
        Literal["day", "week", "month"] | None,
        typer.Option(help="A row per period of entry.", show_default=False),
    ] = None,
    reentry: Annotated[
        bool,
        typer.Option("--reentry", help="With --trend: who enters in several periods counts in each of them."),
    ] = False,
    members: Annotated[
        bool, typer.Option("--members", help="List the members instead of counting them.")
    ] = False,
    exclude: Annotated[
        str | None, typer.Option(help="Event that must not lie between two steps.", show_default=False)
    ] = None,
    after_step: Annotated[int, typer.Option(help="… after this step.", min=1)] = 1,
    before_step: Annotated[int, typer.Option(help="… and before this one; 0: the last.", min=0)] = 0,
    policy: Annotated[
        Literal["drop_member", "not_converted"], typer.Option(help="What becomes of who has it.")
    ] = "drop_member",
    from_day: FromOption = None,
    to_day: ToOption = None,
    by: ByOption = None,
    with_open: OpenOption = False,
    as_of: AsOfOption = None,
    time_zone: ZoneOption = None,
    week_starts: WeekOption = None,
    events: EventsOption = "core.events",
    home: HomeOption = Path(),
    inbox: InboxOption = None,
    settings: SettingsOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Tell how many members get from step to step, and how long they take."""
    from pipelines.own_settings import Exclude
    from pipelines.questions import call, told

    _goes_with(reentry and not trend, "--reentry needs --trend: it counts a member once per period.")
    _goes_with(members and trend is not None, "--members lists members and --trend counts them: give one.")
    _goes_with(members and html is not None, "--members has no chart; leave --html out, or take --csv.")
    excluded = exclude and Exclude(
        event=exclude, after_step=after_step, before_step=before_step, policy=policy
    )
    named = {
        "period": trend, "reentry": reentry or None, "mode": mode, "entry": entry, "exclude": excluded,
        "by": by, "mature_only": False if with_open else None,
        **_when(from_day, to_day, as_of, time_zone, week_starts), "events": events,
    }  # fmt: skip
    macro = "funnel_members" if members else "funnel_trend" if trend else "funnel"
    _answer(
        call(macro, [told(steps), _span(within, "--within")], named),
        "Funnel: " + " → ".join(steps), home, inbox, settings, as_csv, as_json, html,
    )  # fmt: skip


def retention(
    start_event: Annotated[str, typer.Argument(help="Event that makes somebody part of a cohort.")],
    return_event: Annotated[str, typer.Argument(help="Event that counts as coming back.")],
    period: PeriodOption = "week",
    cohort: Annotated[
        Literal["first_time", "recurring"],
        typer.Option(help="first_time: by the first start event ever; recurring: every period with one."),
    ] = "first_time",
    criteria: Annotated[
        Literal["on", "on_or_after"], typer.Option(help="Back in that period, or in it or later.")
    ] = "on",
    clock: Annotated[
        Literal["calendar", "rolling"],
        typer.Option(help="Calendar periods, or 24 h, 7 × 24 h, 30 × 24 h from the member's own start."),
    ] = "calendar",
    periods: Annotated[int, typer.Option(help="Periods a cohort is followed.", min=0)] = 12,
    average: Annotated[bool, typer.Option("--average", help="Pool all cohorts.")] = False,
    from_day: FromOption = None,
    to_day: ToOption = None,
    by: ByOption = None,
    with_open: OpenOption = False,
    as_of: AsOfOption = None,
    time_zone: ZoneOption = None,
    week_starts: WeekOption = None,
    events: EventsOption = "core.events",
    home: HomeOption = Path(),
    inbox: InboxOption = None,
    settings: SettingsOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Tell how many members of each cohort come back, period by period."""
    from pipelines.questions import call, told

    _goes_with(with_open and average, "--average pools what is over; --with-open does not go with it.")
    named = {
        "period": period, "cohort": cohort, "criteria": criteria, "clock": clock, "periods": periods,
        "by": by, "mature_only": False if with_open else None,
        **_when(from_day, to_day, as_of, time_zone, week_starts), "events": events,
    }  # fmt: skip
    _answer(
        call(
            "retention_average" if average else "retention", [told(start_event), told(return_event)], named
        ),
        f"Retention: {start_event} → {return_event}", home, inbox, settings, as_csv, as_json, html,
    )  # fmt: skip


def lifecycle(
    period: PeriodOption = "week",
    active: ActiveOption = None,
    from_day: FromOption = None,
    to_day: ToOption = None,
    as_of: AsOfOption = None,
    time_zone: ZoneOption = None,
    week_starts: WeekOption = None,
    events: EventsOption = "core.events",
    home: HomeOption = Path(),
    inbox: InboxOption = None,
    settings: SettingsOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Tell per period who is new, returning, resurrecting, and who went dormant."""
    _activity("lifecycle", f"Lifecycle by {period}", period, active,
              _when(from_day, to_day, as_of, time_zone, week_starts), events,
              home, inbox, settings, as_csv, as_json, html)  # fmt: skip


def stickiness(
    period: PeriodOption = "day",
    active: ActiveOption = None,
    from_day: FromOption = None,
    to_day: ToOption = None,
    as_of: AsOfOption = None,
    time_zone: ZoneOption = None,
    week_starts: WeekOption = None,
    events: EventsOption = "core.events",
    home: HomeOption = Path(),
    inbox: InboxOption = None,
    settings: SettingsOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Tell in how many periods members were active."""
    _activity("stickiness", f"Stickiness by {period}", period, active,
              _when(from_day, to_day, as_of, time_zone, week_starts), events,
              home, inbox, settings, as_csv, as_json, html)  # fmt: skip


def attribution(
    model: Annotated[
        Literal["first", "last", "linear", "position"],
        typer.Option(help="Who gets the credit; position is 40/20/40."),
    ] = "last",
    lookback: Annotated[
        str, typer.Option(help="Touches this long before the order count, like 30d; empty: all.")
    ] = "",
    from_day: FromOption = None,
    to_day: ToOption = None,
    as_of: AsOfOption = None,
    time_zone: ZoneOption = None,
    touches: Annotated[
        str, typer.Option(help="Table or view with member_id, channel, touched_at.")
    ] = "core.touches",
    orders: Annotated[
        str, typer.Option(help="Table or view with order_id, member_id, paid_at, net_revenue.")
    ] = "core.orders",
    home: HomeOption = Path(),
    inbox: InboxOption = None,
    settings: SettingsOption = None,
    as_csv: CsvOption = False,
    as_json: JsonOption = False,
    html: HtmlOption = None,
) -> None:
    """Split the net amount of orders over the channels that touched the buyer before."""
    from pipelines.questions import call, told

    named = {**_when(from_day, to_day, as_of, time_zone), "touches": touches, "orders": orders}
    _answer(
        call("attribution", [told(model), _span(lookback, "--lookback")], named),
        f"Attribution: {model}", home, inbox, settings, as_csv, as_json, html,
    )  # fmt: skip


def _activity(
    macro: str, title: str, period: str, active: str | None, days: dict[str, Any], events: str,
    *rest: Any,
) -> None:  # fmt: skip
    from pipelines.questions import call, told

    names = [name.strip() for name in active.split(",")] if active else None
    _answer(call(macro, [told(period)], {"active": names, **days, "events": events}), title, *rest)


def _when(
    from_day: datetime | None, to_day: datetime | None, as_of: datetime | None, time_zone: str | None,
    week_starts: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    days = {"from_day": from_day, "to_day": to_day, "as_of": as_of}
    named = {name: day.date() if day else None for name, day in days.items()}
    return {**named, "time_zone": time_zone, "week_starts": week_starts}


def _goes_with(is_wrong: bool, words: str) -> None:
    from pipelines.errors import SettingsError

    if is_wrong:
        raise SettingsError(words)


def _span(text: str, option: str) -> str:
    from pipelines.errors import SettingsError
    from pipelines.questions import span

    try:
        return span(text)
    except ValueError as error:
        raise SettingsError(f"{option}: {error}") from None


def _answer(
    sql: str, title: str, home: Path, inbox: Path | None, settings: Path | None, as_csv: bool, as_json: bool,
    html: Path | None,
) -> None:  # fmt: skip
    from pipelines.answers import show

    show(project_of(inbox, home, settings), f"from {sql}", title, as_csv=as_csv, as_json=as_json, html=html)
