"""Sending one message to the address of a group robot, and hearing whether it was taken."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from pipelines.errors import GroupfunnelError, SettingsError

SECONDS, TRIES, PAUSE = 10.0, 3, 1.0
ANSWER_BYTES = 65_536
# Shorter pieces of an address are words that a refusal needs: webhook, robots.
KEY_LENGTH = 10
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NotDelivered(GroupfunnelError):
    """A platform did not take a message; the report stays as it is (exit code 5)."""

    exit_code = 5


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that sends elsewhere is not the one that was given: its message would go to a stranger."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def checked_address(name: str, address: str) -> str:
    """An address from the variable `name`. Raises SettingsError unless it is https (or this machine's own).

    The address is a password: no message quotes it.
    """
    given = address.strip()
    try:
        parts = urlsplit(given)
        is_https = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        # A port that is none is found only when it is asked for.
        is_address = bool(parts.hostname) and parts.port != 0 and re.fullmatch(r"[!-~]+", given)
    except ValueError:
        is_https = is_address = False
    if not (is_https and is_address):
        raise SettingsError(f"{name} holds no https address of a robot.")
    return given


def post(platform: str, address: str, message: Mapping[str, Any], pause: float = PAUSE) -> None:
    """Send a message as JSON, again after a while where the platform is busy or cannot be reached.

    Raises NotDelivered with what the platform said, never with the address.
    """
    body = json.dumps(message, ensure_ascii=False).encode()
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "groupfunnel"}
    )
    opener = urllib.request.build_opener(_NoRedirect)
    why = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(pause * 2 ** (attempt - 1))
        try:
            with opener.open(request, timeout=SECONDS) as answer:
                refusal = _without_key(_refusal(answer.read(ANSWER_BYTES)), address)
        except urllib.error.HTTPError as error:
            error.close()
            why = f"it answered HTTP {error.code}"
            if 300 <= error.code < 400:
                raise NotDelivered(
                    f"{platform}: the address sends elsewhere (HTTP {error.code}). Look at it."
                ) from None
            if error.code < 500 and error.code != 429:
                break
        except (OSError, ValueError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            why = f"it cannot be reached ({type(reason).__name__})"
        else:
            if not refusal:
                return
            why = f"it refused the message: {refusal}"
            break
    raise NotDelivered(
        f"{platform} did not take the summary: {why}. The report is published; try again: groupfunnel deliver"
    )


def _without_key(text: str, address: str) -> str:
    """What a platform said, in short and without the parts of the address that may be the key: some repeat
    it.
    """
    for piece in (address, *re.split(r"[/?&=#]", address.split("://", 1)[-1])):
        if len(piece) >= KEY_LENGTH:
            text = text.replace(piece, "•••")
    # Cut last: a key cut in two has no end to be known by.
    return text[:140]


def _refusal(answer: bytes) -> str:
    """What a platform says against a message, which WeCom and Feishu do with HTTP 200; empty when taken."""
    try:
        told = json.loads(answer)
    except ValueError:
        # Slack's answer to what it took is the word ok.
        return "" if answer.strip() in (b"ok", b"") else "it answered no JSON"
    if not isinstance(told, dict):
        return ""
    code = told.get("errcode", told.get("code", told.get("StatusCode", 0)))
    return "" if code in (0, None) else f"code {code}, {told.get('errmsg') or told.get('msg') or ''}"
