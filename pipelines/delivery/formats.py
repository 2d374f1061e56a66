"""The summary in the words of each platform, within what each accepts.

WeCom: markdown of a group robot, at most 4,096 bytes. Feishu and Lark: an interactive card, at most 20 kB of
request. Slack: blocks of an incoming webhook, at most 3,000 characters in a section, 150 in a header and 50
blocks. What does not fit is left out from the end, and the message says so.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from html import escape
from typing import Any

from pipelines.delivery.brief import Brief

WECOM_BYTES, FEISHU_BYTES = 4096, 20_000
SLACK_SECTION, SLACK_HEADER = 3000, 150
_MORE = {"zh": "…其余见完整报告", "en": "… the rest is in the report"}
_REPORT = {"zh": "完整报告", "en": "The whole report"}


def wecom(briefs: Sequence[Brief], link: str = "") -> dict[str, Any]:
    """A message of a WeCom group robot."""

    def told(lines: Sequence[str]) -> dict[str, Any]:
        return {"msgtype": "markdown", "markdown": {"content": "\n".join(lines)}}

    def size(message: dict[str, Any]) -> int:
        return len(message["markdown"]["content"].encode())

    lines = _lines(briefs, link, bold="**{}**", heading="## {}", anchor="[{text}]({url})", plain=_no_marks)
    return _fitting(told, lines, briefs[0].language, size, WECOM_BYTES)


def feishu(briefs: Sequence[Brief], link: str = "", *, secret: str = "", now: int = 0) -> dict[str, Any]:
    """A message of a Feishu or Lark group robot; signed for the second `now` where it has a `secret`."""

    def told(lines: Sequence[str]) -> dict[str, Any]:
        card = {
            "config": {"wide_screen_mode": True},
            "header": {"title": {"tag": "plain_text", "content": briefs[0].title}, "template": "turquoise"},
            "elements": [{"tag": "markdown", "content": "\n".join(lines)}],
        }
        signed = {"timestamp": str(now), "sign": sign(secret, now)} if secret else {}
        return {**signed, "msg_type": "interactive", "card": card}

    lines = _lines(briefs, link, bold="**{}**", heading="**{}**", anchor="[{text}]({url})", plain=_no_marks)
    return _fitting(told, lines, briefs[0].language, _bytes, FEISHU_BYTES)


def slack(briefs: Sequence[Brief], link: str = "") -> dict[str, Any]:
    """A message of a Slack incoming webhook, with a plain text for notifications."""
    blocks: list[dict[str, Any]] = []
    for brief in briefs:
        title = {"type": "plain_text", "text": brief.title[:SLACK_HEADER]}
        blocks.append({"type": "header", "text": title})
        one = _lines([brief], link, bold="*{}*", heading="*{}*", anchor="<{url}|{text}>", plain=_escaped)

        def told(lines: Sequence[str]) -> dict[str, Any]:
            return {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)}}

        def size(block: dict[str, Any]) -> int:
            return len(block["text"]["text"])

        blocks.append(_fitting(told, one[1:], brief.language, size, SLACK_SECTION))
    return {"text": f"{briefs[0].title} · {briefs[0].subtitle}", "blocks": blocks}


def mail(briefs: Sequence[Brief], link: str, sender: str, receivers: Sequence[str]) -> EmailMessage:
    """A mail with the summary as text and as HTML, without a picture, script or address to load."""
    message = EmailMessage()
    message["Subject"] = f"{briefs[0].title} · {briefs[0].subtitle}"
    if sender:
        message["From"] = sender
    if receivers:
        message["To"] = ", ".join(receivers)
    # Mail programs open a message that says so for editing, with a button to send it.
    message["X-Unsent"] = "1"
    lines = _lines(briefs, "", bold="{}", heading="{}", anchor="{text}: {url}", plain=str)
    message.set_content("\n".join([*lines, *([f"{_REPORT[briefs[0].language]}: {link}"] if link else [])]))
    message.add_alternative(_html(briefs, link), subtype="html")
    return message


def sign(secret: str, now: int) -> str:
    """Feishu's signature: HMAC-SHA256 of nothing, keyed with `timestamp + newline + secret`, as base64."""
    digest = hmac.new(f"{now}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _lines(
    briefs: Sequence[Brief], link: str, *, bold: str, heading: str, anchor: str, plain: Callable[[str], str]
) -> list[str]:
    """The summary line by line; the first line is the title."""
    lines: list[str] = []
    for brief in briefs:
        if lines:
            lines.append("")
        lines += [heading.format(plain(brief.title)), plain(brief.subtitle), ""]
        for label, value, remark in brief.numbers:
            lines.append(
                f"{plain(label)}: {bold.format(plain(value))}" + (f" ({plain(remark)})" if remark else "")
            )
        lines += [
            "",
            bold.format(plain(brief.changed_title)),
            *(f"- {plain(text)}" for text in brief.changes),
        ]
        lines += ["", *(plain(text) for text in brief.more)]
        if link:
            lines.append(anchor.format(text=_REPORT[brief.language], url=link))
    return lines


def _fitting(
    told: Callable[[Sequence[str]], dict[str, Any]],
    lines: Sequence[str],
    language: str,
    size: Callable[[dict[str, Any]], int],
    limit: int,
) -> dict[str, Any]:
    """The message with as many lines as fit; one that lost lines ends by saying so."""
    message = told(lines)
    kept = len(lines)
    while size(message) > limit and kept:
        kept -= 1
        message = told([*lines[:kept], _MORE[language]])
    return message


def _bytes(message: dict[str, Any]) -> int:
    return len(json.dumps(message, ensure_ascii=False).encode())


def _no_marks(text: str) -> str:
    """A text that no markdown reader takes for markup or for a mention."""
    for sign_ in "\\`*_[]<>#":
        text = text.replace(sign_, " ")
    return text


def _escaped(text: str) -> str:
    """A text as Slack wants it: three signs escaped, and nothing bold by accident."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("*", "∗").replace("`", "'")


def _html(briefs: Sequence[Brief], link: str) -> str:
    parts = []
    for brief in briefs:
        rows = "".join(
            f"<tr><td style='padding:6px 16px 6px 0'>{escape(label)}</td>"
            f"<td align='right' style='padding:6px 16px 6px 0'><b>{escape(value)}</b></td>"
            f"<td style='padding:6px 0;color:#68727a'>{escape(remark)}</td></tr>"
            for label, value, remark in brief.numbers
        )
        changes = "".join(f"<li>{escape(text)}</li>" for text in brief.changes)
        more = "".join(f"<p style='color:#68727a'>{escape(text)}</p>" for text in brief.more)
        parts.append(
            f"<div lang='{'zh-CN' if brief.language == 'zh' else 'en'}'><h1 style='font-size:22px'>"
            f"{escape(brief.title)} <small style='color:#68727a'>{escape(brief.subtitle)}</small></h1>"
            f"<table cellpadding='0' cellspacing='0'>{rows}</table>"
            f"<p><b>{escape(brief.changed_title)}</b></p><ul>{changes}</ul>{more}</div>"
        )
    last = f"<p><a href='{escape(link, quote=True)}'>{_REPORT[briefs[0].language]}</a></p>" if link else ""
    return (
        "<!doctype html><html><head><meta charset='utf-8'></head>"
        "<body style='font-family:system-ui,Arial,sans-serif;color:#1c2226'>"
        f"{'<hr>'.join(parts)}{last}</body></html>"
    )
