"""System lines of Chinese chats: who came, by whom, who left, in WeChat's and QQ's words and in English.

A line is text ('"A"邀请"B"加入了群聊') or XML of WeChat's with a template and the people of its places.
Names stand in quotation marks and may hold some themselves; 你 is the owner of the phone.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from xml.etree import ElementTree

from pipelines.readers.chat import split_names

BETWEEN = re.compile(r"\s*[、,，]\s*")
OWNER = ("你", "您", "You", "you")
_GROUP = r"(?:群聊|本群|该群|群组|群里|群)"
_CHAT = r"(?:the |this )?(?:group chat|group)"
# (meaning, pattern); {W} is who came or went, {B} by whom. The more special come first.
_SAID = (
    ("qr", rf"{{W}}\s?(?:已)?通过扫描\s?{{B}}\s?分享的二维码(?:加入|进入)了?{_GROUP}"),
    ("qr", rf"{{W}} (?:has )?joined {_CHAT} via (?:the )?QR code shared by {{B}}"),
    ("invite", rf"{{B}}\s?邀请\s?{{W}}\s?(?:加入|进入)了?{_GROUP}(?:[，,]\s?群聊参与人还有.*)?"),
    ("invite", rf"{{B}} invited {{W}} to (?:join )?{_CHAT}"),
    ("qr", rf"{{W}}\s?(?:已)?通过(?:扫描)?(?:群)?二维码(?:扫描)?(?:加入|进入)了?{_GROUP}"),
    ("qr", rf"{{W}} (?:has )?joined {_CHAT} via (?:the )?QR code"),
    ("link", rf"{{W}}\s?(?:已)?通过.*?链接(?:加入|进入)了?{_GROUP}"),
    ("kicked", rf"{{W}}\s?(?:已)?被(?:管理员|群主)?\s?{{B}}\s?(?:移出|移除|踢出)了?{_GROUP}"),
    ("kicked", rf"{{W}}\s?(?:已)?被(?:管理员|群主)?(?:移出|移除|踢出)了?{_GROUP}"),
    ("kicked", rf"{{B}}\s?(?:将|把)\s?{{W}}\s?(?:移出|移除|踢出)了?{_GROUP}"),
    ("kicked", rf"{{B}} removed {{W}} from {_CHAT}"),
    ("kicked", rf"{{W}} (?:was|were) removed from {_CHAT}"),
    ("leave", rf"{{W}}\s?(?:已)?(?:退出|离开)了?{_GROUP}"),
    ("leave", rf"{{W}} (?:has )?left {_CHAT}"),
    ("join", rf"{{W}}\s?(?:已)?(?:加入|进入)了?{_GROUP}"),
    ("join", rf"{{W}} (?:has )?joined {_CHAT}"),
)
_MEANING = {
    "qr": ("join", "qr"), "invite": ("join", "direct"), "link": ("join", "link"), "join": ("join", None),
    "leave": ("leave", None), "kicked": ("kick", None),
}  # fmt: skip
_QUOTES = (('"', '"'), ("“", "”"), ("「", "」"))
_END = r"(?:\s*(?:\$revoke\$|撤销|撤回))?[。.!！]?"


@dataclass(frozen=True)
class Someone:
    """A person of a line: the name as it stands there, and the account where the line has one."""

    name: str
    account: str | None = None


@dataclass(frozen=True)
class Change:
    """A join, leave or kick: of whom, by whom, and how they came."""

    action: str
    who: tuple[Someone, ...]
    by: Someone | None = None
    scene: str | None = None


def _compiled() -> tuple[tuple[str, re.Pattern[str]], ...]:
    strict: list[tuple[str, re.Pattern[str]]] = []
    loose: list[tuple[str, re.Pattern[str]]] = []
    for what, pattern in _SAID:
        # First as the app writes it, names in quotation marks or the owner; then without.
        quoted = r"(?P<{0}>(?:[你您](?:和|、)\s?)?[\"“「].+[\"”」]|[你您]|[Yy]ou)"
        for made, form in ((strict, quoted), (loose, r"(?P<{0}>.+?)")):
            text = pattern.replace("{W}", form.format("who")).replace("{B}", form.format("by"))
            made.append((what, re.compile(text + _END, re.DOTALL)))
    return (*strict, *loose)


_PATTERNS = _compiled()


def change_of(line: str, known: Container[str] = frozenset()) -> Change | None:
    """What a system line says, None where it is no join or exit. `known` are names that lists may hold."""
    if "<sysmsg" in line:
        return _of_xml(line)
    found = _match(line.strip())
    if found is None:
        return None
    what, who, by = found
    action, scene = _MEANING[what]
    people = tuple(Someone(name) for name in _listed(who, known))
    return Change(action, people, Someone(_unquoted(by)) if by else None, scene)


def _match(line: str) -> tuple[str, str, str | None] | None:
    for what, pattern in _PATTERNS:
        if found := pattern.fullmatch(line):
            parts = found.groupdict()
            return what, parts["who"].strip(), (parts.get("by") or "").strip() or None
    return None


def _listed(text: str, known: Container[str]) -> list[str]:
    """The names of '你和"A、B"', '"A、B"' or '"A"、"B"'."""
    names = []
    if (also := re.match(r"[你您](?:和|、)\s?(?=.)", text)) is not None:
        names, text = ["你"], text[also.end() :]
    for part in re.split(r"(?<=[\"”」])\s*[、,，]\s*(?=[\"“「])", text):
        names += [name.strip() for name in split_names(_unquoted(part), known, BETWEEN) if name.strip()]
    return names


def _unquoted(text: str) -> str:
    for first, last in _QUOTES:
        if len(text) > 2 and text.startswith(first) and text.endswith(last):
            return text[1:-1]
    return text


def _of_xml(text: str) -> Change | None:
    """A change out of WeChat's template: its sentence has places, its list says who stands in them."""
    # An export has no business declaring entities; without them nothing in it can grow.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(text[text.index("<sysmsg") : text.rindex(">") + 1])
    except (ElementTree.ParseError, ValueError):
        return None
    found = _match((root.findtext(".//template") or "").strip())
    if found is None:
        return None
    people = {
        f"${link.get('name')}$": tuple(
            Someone(
                (member.findtext("nickname") or "").strip(),
                (member.findtext("username") or "").strip() or None,
            )
            for member in link.iter("member")
        )
        for link in root.iter("link")
    }
    what, who, by = found
    action, scene = _MEANING[what]

    def standing(place: str) -> tuple[Someone, ...]:
        bare = _unquoted(place)
        return people.get(bare, ()) if bare.startswith("$") else (Someone(bare),)

    inviter = next(iter(standing(by)), None) if by else None
    return Change(action, standing(who), inviter, scene)
