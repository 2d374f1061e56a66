"""The settings file: validated, every key known, every error with its line and the nearest valid name.

`load_settings` reads `groupfunnel.toml` into frozen Pydantic models. What the SQL models need of it is
written to `raw.settings` by the build, so that a pasted query sees what the build saw.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, ValidationError, field_validator, model_validator

from pipelines.contract import CONTRACT, EventKind, Kind
from pipelines.errors import SettingsError
from pipelines.nearest import nearest, nearest_zone
from pipelines.own_settings import Funnel, Retention
from pipelines.thresholds import Actions, Candidates, Folklore, Levers, Section, Thresholds, Windows

MOST_BYTES = 4 << 20
GroupType = Literal["selling", "interest", "vip", "seed", "leader", "flash", "other"]


class Project(Section):
    """Who the report is about and the calendar and currency it is counted in."""

    name: str = "My groups"
    time_zone: str = "Asia/Shanghai"
    week_starts: Literal["monday", "sunday"] = "monday"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    as_of: date | None = None

    @field_validator("as_of", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return _check_zone(value)


class Report(Section):
    """Languages of the report, the first is shown first, and what is made beside the pages.

    `share`: without ids and numbers of few people. `single_file`: all pages in one file, plotly.js from
    the file `plotlyjs` where that is given. `image`: the summary as PNG and PDF.
    """

    languages: Annotated[list[Literal["zh", "en"]], Field(min_length=1)] = ["zh", "en"]
    share: bool = False
    single_file: bool = False
    plotlyjs: str = ""
    image: bool = False

    @property
    def default_language(self) -> str:
        """The language a page opens in."""
        return self.languages[0]


class Delivery(Section):
    """Where `groupfunnel deliver` passes the week's summary on to; nowhere unless `to` names a place.

    Addresses of robots are passwords and stand in environment variables. `link`: where the report can be
    opened, told at the end of the message.
    """

    to: list[Literal["mail", "wecom", "feishu", "slack"]] = []
    languages: list[Literal["zh", "en"]] = []
    link: Annotated[str, Field(pattern=r"^(https?://[^\s<>\"|)]+)?$")] = ""
    mail_from: Annotated[str, Field(pattern=r"^[^\r\n]*$")] = ""
    mail_to: list[Annotated[str, Field(pattern=r"^[^\r\n]+@[^\r\n]+$")]] = []


class HealthInput(Section):
    """One input of the health score: its weight, and the values at which it scores 0 and 100."""

    weight: Annotated[float, Field(ge=0)]
    at_0: float
    at_100: float


HEALTH_INPUTS: dict[str, HealthInput] = {
    "participation_7d": HealthInput(weight=3, at_0=0.0, at_100=0.15),
    "lurker_rate": HealthInput(weight=2, at_0=0.9, at_100=0.3),
    "top3_share": HealthInput(weight=1, at_0=0.9, at_100=0.3),
    "exit_rate_28d": HealthInput(weight=2, at_0=0.15, at_100=0.02),
    "conversion_30d": HealthInput(weight=2, at_0=0.0, at_100=0.10),
    "reply_rate": HealthInput(weight=1, at_0=0.0, at_100=0.40),
}
SELLING_WEIGHTS = {"conversion_30d": 5.0, "exit_rate_28d": 3.0, "participation_7d": 1.0, "lurker_rate": 1.0}


class HealthOverride(Section):
    """What a group type changes of one input of the health score."""

    weight: Annotated[float, Field(ge=0)] | None = None
    at_0: float | None = None
    at_100: float | None = None


HealthInputName = Literal[
    "participation_7d", "lurker_rate", "top3_share", "exit_rate_28d", "conversion_30d", "reply_rate"
]


class Health(Section):
    """Health score per group type: what the settings change of the defaults."""

    default: dict[HealthInputName, HealthOverride] = {}
    by_type: dict[GroupType, dict[HealthInputName, HealthOverride]] = {}

    def weights(self) -> list[tuple[str, str, float, float, float]]:
        """Rows (group_type, input, weight, at_0, at_100) for every group type."""
        rows = []
        for group_type in ("selling", "interest", "vip", "seed", "leader", "flash", "other"):
            for name, base in HEALTH_INPUTS.items():
                built_in = HealthInput(
                    weight=SELLING_WEIGHTS.get(name, 0.0) if group_type == "selling" else base.weight,
                    at_0=base.at_0,
                    at_100=base.at_100,
                )
                values = built_in.model_dump()
                for override in (
                    self.default.get(name),  # type: ignore[call-overload]
                    self.by_type.get(group_type, {}).get(name),  # type: ignore[call-overload]
                ):
                    if override is not None:
                        values |= override.model_dump(exclude_none=True)
                rows.append((group_type, name, values["weight"], values["at_0"], values["at_100"]))
        return rows


class Engine(Section):
    """DuckDB's limits. 0 threads and an empty memory limit leave DuckDB's own choice."""

    threads: Annotated[int, Field(ge=0)] = 0
    memory_limit: Annotated[str, Field(pattern=r"^(|\d+(\.\d+)?\s?(MB|GB|MiB|GiB))$")] = ""


class ColumnMapping(Section):
    """Where a canonical column comes from.

    `from` names one header or several spellings of it; `const` gives every row the same value. `hash` turns
    every id into a pseudonym, not only phone numbers and e-mail addresses.
    """

    source: Annotated[list[str], Field(alias="from")] = []
    const: str | None = None
    format: str | None = None
    time_zone: str | None = None
    unit: Literal["s", "ms", "epoch", "yuan", "fen"] | None = None
    extract: str | None = None
    values: dict[str, str] = {}
    hash: bool = False

    @field_validator("source", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return value if value is None else _check_zone(value)

    @field_validator("extract")
    @classmethod
    def _one_group(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                groups = re.compile(value).groups
            except re.error as error:
                raise ValueError(f"not a regular expression: {error}") from error
            if groups != 1:
                raise ValueError("must have exactly one group in parentheses, the part to keep")
        return value

    @model_validator(mode="after")
    def _from_or_const(self) -> ColumnMapping:
        if bool(self.source) == (self.const is not None):
            raise ValueError('give either from = "header" or const = "value"')
        return self


class Export(Section):
    """Files of the inbox: which, what they hold (`event`), or whose export they are (`platform`, whose
    documents hold several kinds), and where each column comes from.

    `date_order`, `group` and `own_name` are for chats that do not say themselves whether days or months come
    first, which group they are, and what the person who exported them is called.
    """

    files: str
    event: EventKind | None = None
    platform: str | None = None
    source: Annotated[str, Field(pattern=r"^[\w.:-]{1,64}$")] | None = None
    time_zone: str | None = None
    date_order: Literal["dmy", "mdy", "ymd"] | None = None
    group: str | None = None
    own_name: str | None = None
    covered_from: date | None = None
    covered_to: date | None = None
    exported_at: datetime | None = None
    accepted_only: bool = False
    columns: dict[str, ColumnMapping] = {}
    unpivot: dict[str, str] = {}
    ignore: list[str] = []

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        return value if value is None else _check_zone(value)

    @field_validator("columns", mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: {"from": v} if isinstance(v, str | list) else v for k, v in value.items()}
        return value

    @model_validator(mode="after")
    def _columns_exist(self) -> Export:
        if self.event is None:
            if self.platform is None:
                raise ValueError("event: say what the files hold, or whose export they are (platform)")
            if self.columns:
                raise ValueError("columns: say which event they belong to")
        for name in self.columns:
            if name not in self.kind.names:
                raise ValueError(
                    f"columns.{name}: no such column of {self.event}{nearest(name, self.kind.names)}"
                )
        if self.unpivot and self.event != "platform_stats":
            raise ValueError("unpivot: only platform_stats can be read from a wide file")
        if (self.covered_from is None) != (self.covered_to is None):
            raise ValueError("covered_from: give both covered_from and covered_to, or neither")
        return self

    @property
    def kind(self) -> Kind:
        """The kind of rows these files hold. Raises ValueError where only the platform is known."""
        if self.event is None:
            raise ValueError(f"{self.files} holds several kinds of rows")
        return CONTRACT[self.event]


class Inbox(Section):
    """Which files of the inbox are not looked at."""

    ignore: list[str] = [
        "*.md", "*.toml", "truth.json", "*.part", "*.tmp", "*.crdownload", "~$*", ".*",
        "*.jpg", "*.jpeg", "*.png", "*.gif", "*.webp", "*.mp4", "*.webm", "*.mp3", "*.ogg", "*.opus", "*.tgs",
        "*.html", "*.css", "*.js",
    ]  # fmt: skip


class Privacy(Section):
    """What of people is kept.

    `key_file` is where the key of pseudonyms stands; empty means the user's own folder. `keep_text` keeps the
    text of messages in raw.messages (never in the report). `retention_days` removes older events; 0 keeps
    them. `display_names` is a local CSV (member_id, name) that `reveal` reads and nothing else.
    """

    key_file: str = ""
    keep_text: bool = False
    retention_days: Annotated[int, Field(ge=0)] = 0
    display_names: str = ""


class Operations(Section):
    """How long things are kept, and when `status` calls the report old.

    `stale_after_days` counts from the last day of the report's week (0: never). `keep_reports` weeks (0: all)
    stay, `keep_warehouses` published before, and the logs of `keep_logs` runs.
    """

    stale_after_days: Annotated[int, Field(ge=0, le=3660)] = 10
    keep_reports: Annotated[int, Field(ge=0)] = 104
    keep_warehouses: Annotated[int, Field(ge=0, le=9)] = 1
    keep_logs: Annotated[int, Field(ge=1, le=10_000)] = 200


class Settings(Section):
    """Everything a run depends on besides the files."""

    project: Project = Project()
    report: Report = Report()
    delivery: Delivery = Delivery()
    windows: Windows = Windows()
    thresholds: Thresholds = Thresholds()
    actions: Actions = Actions()
    candidates: Candidates = Candidates()
    levers: Levers = Levers()
    folklore: Folklore = Folklore()
    health: Health = Health()
    engine: Engine = Engine()
    inbox: Inbox = Inbox()
    privacy: Privacy = Privacy()
    operations: Operations = Operations()
    exports: list[Export] = []
    funnels: list[Funnel] = []
    retentions: list[Retention] = []

    @model_validator(mode="after")
    def _names_differ(self) -> Settings:
        for what, names in (
            ("funnels", [f.name for f in self.funnels]),
            ("retentions", [r.name for r in self.retentions]),
        ):
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{what}: two have the name {min(twice)!r}")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.project.time_zone)


def load_settings(path: Path | None) -> Settings:
    """Read and validate a settings file; `None` gives the defaults.

    Raises SettingsError naming the file, the line and the nearest valid key or value.
    """
    if path is None:
        return Settings()
    if path.exists() and (not path.is_file() or path.stat().st_size > MOST_BYTES):
        raise SettingsError(f"{path} is no file of settings: a folder, a pipe, or larger than 4 MB.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(
            f"There is no settings file {path}. `groupfunnel init` writes one with every default in it."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as UTF-8 text ({error}).") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f'{path}: not valid TOML: {error}. Texts stand in double quotes, like currency = "CNY"; numbers, '
            "true, false and days do not."
        ) from error
    except RecursionError:
        raise SettingsError(f"{path}: not valid settings: lists within lists without end.") from None
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        from pipelines.settings_errors import explain

        lines = [explain(path, text, dict(item)) for item in error.errors()]
        raise SettingsError("\n".join(lines)) from None


def _check_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError(f"no such time zone{nearest_zone(value)}")
    return value
