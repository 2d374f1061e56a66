"""Delivering the week's summary once to each place that the settings name."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.delivery import formats
from pipelines.delivery.brief import Brief, read_briefs
from pipelines.delivery.post import PAUSE, NotDelivered, checked_address, post
from pipelines.errors import SettingsError
from pipelines.publish import stamp_of
from pipelines.runlog import logged
from pipelines.settings import Delivery
from pipelines.steps import Project

MAIL, TOLD = "mail", ".delivered.json"
# The variables that hold the robots' addresses, which are as good as passwords.
ADDRESSES = {
    "wecom": "GROUPFUNNEL_WECOM_URL",
    "feishu": "GROUPFUNNEL_FEISHU_URL",
    "slack": "GROUPFUNNEL_SLACK_URL",
}
FEISHU_SECRET = "GROUPFUNNEL_FEISHU_SECRET"


@logged("deliver")
def deliver_latest(project: Project, *, again: bool = False) -> None:
    """The verb of the command: `deliver` with a project's report and settings, and a log of it."""
    deliver(project.reports, project.settings.delivery, project.narrator.line, again=again)


def deliver(
    reports: Path,
    settings: Delivery,
    say: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
    *,
    again: bool = False,
    pause: float = PAUSE,
) -> None:
    """Pass the latest week in `reports` on to every place of `settings.to` that has not had it yet.

    `again`: also to those that have. `say` hears a line for each place. Raises SettingsError where a place
    lacks its address, InputRefused where there is no report, and, when all places were tried, NotDelivered.
    """
    if not settings.to:
        raise SettingsError(
            'Nothing is delivered: the settings name no place. Write to = ["mail"] below [delivery], or '
            "wecom, feishu, slack (docs/delivery.md)."
        )
    addresses = {place: _address(place, environ) for place in settings.to if place != MAIL}
    week = reports / "latest"
    briefs = read_briefs(week)
    chosen = [one for one in briefs if one.language in settings.languages] or list(briefs[:1])
    stamp = f"{briefs[0].week} {stamp_of(reports) or ''}"
    had = _had(reports)
    failed: list[str] = []
    for place in settings.to:
        if had.get(place) == stamp and not again:
            say(f"{place}: {briefs[0].week} was delivered before; --again sends it once more")
            continue
        try:
            address = addresses.get(place, "")
            say(f"{place}: {_send(place, address, chosen, settings, reports, environ, pause)}")
        except NotDelivered as error:
            failed.append(str(error))
            continue
        had[place] = stamp
        _keep(reports, had)
    if failed:
        raise NotDelivered("\n".join(failed))


def _send(
    place: str,
    address: str,
    briefs: Sequence[Brief],
    settings: Delivery,
    reports: Path,
    environ: Mapping[str, str],
    pause: float,
) -> str:
    if place == MAIL:
        path = reports / f"{briefs[0].week}.eml"
        message = formats.mail(briefs, settings.link, settings.mail_from, settings.mail_to)
        part = path.with_suffix(".eml.part")
        part.write_bytes(bytes(message))
        part.replace(path)
        return f"wrote {path}"
    made: dict[str, Callable[[], dict[str, Any]]] = {
        "wecom": lambda: formats.wecom(briefs, settings.link),
        "feishu": lambda: formats.feishu(
            briefs, settings.link, secret=environ.get(FEISHU_SECRET, ""), now=int(time.time())
        ),
        "slack": lambda: formats.slack(briefs, settings.link),
    }
    post(place, address, made[place](), pause)
    return f"delivered {briefs[0].week}"


def _address(place: str, environ: Mapping[str, str]) -> str:
    name = ADDRESSES[place]
    if not environ.get(name):
        raise SettingsError(
            f"[delivery] names {place}, and {name} is not set: put the address of the group robot into that "
            "environment variable. It is a password, so no file of the project holds it."
        )
    return checked_address(name, environ[name])


def _had(reports: Path) -> dict[str, str]:
    """What each place was given last; nothing where nobody knows."""
    try:
        told = json.loads((reports / TOLD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}


def _keep(reports: Path, had: Mapping[str, str]) -> None:
    part = reports / f"{TOLD}.part"
    part.write_text(json.dumps(had, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(reports / TOLD)
