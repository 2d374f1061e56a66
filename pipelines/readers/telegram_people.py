"""Who came and went in a Telegram chat, where the export tells people by display name alone.

A name that exactly one account of the chat bears stands for that account. A name that nobody or several bear
becomes a pseudonym of its own within the chat: no two people are taken for one because they share a name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.people import People
from pipelines.readers.document import Sink, plain_name

SEVERAL = ""


@dataclass
class Names:
    """Which account bears a display name; SEVERAL where more than one does."""

    ids: dict[str, str] = field(default_factory=dict)

    def see(self, name: object, account: object) -> None:
        """Note that an account bears a name."""
        if not isinstance(name, str) or not isinstance(account, str) or not name:
            return
        name = plain_name(name)
        if self.ids.setdefault(name, account) != account:
            self.ids[name] = SEVERAL


@dataclass(frozen=True)
class Pending:
    """A join, leave or kick that waits until all names of the chat are known.

    Either the id or the name of the member is given; `ordinal` tells people of one list with the same name
    apart.
    """

    number: int
    event_id: str
    group_id: str
    when: str
    action: str
    scene: str | None = None
    member_id: str | None = None
    member_name: str | None = None
    inviter_id: str | None = None
    inviter_name: str | None = None
    role: str | None = None
    ordinal: int = 0

    def but(self, **changes: Any) -> Pending:
        """The same with some fields changed."""
        return replace(self, **changes)


def write_pending(sink: Sink, pending: list[Pending], names: Names, people: People, scope: str) -> None:
    """Write the joins, leaves and kicks of a chat, and say how many people are known by name alone."""
    told: Counter[str] = Counter()
    present: set[str] = set()
    for one in pending:
        member = one.member_id
        if member is None:
            if not isinstance(one.member_name, str) or not one.member_name:
                sink.ignore("join or removal of an account that was deleted since")
                continue
            name = plain_name(one.member_name)
            member, how = _who(name, one.ordinal, names, people, scope)
            told[how] += 1
            if one.action != "join":
                present.discard(member)
            elif member in present and how != "account":
                told["again"] += 1
            else:
                present.add(member)
        inviter = one.inviter_id
        if inviter is None and isinstance(one.inviter_name, str) and one.inviter_name:
            inviter, _ = _who(plain_name(one.inviter_name), 0, names, people, scope)
        sink.row(
            "join",
            one.number,
            {
                "group_id": one.group_id,
                "member_id": member,
                "occurred_at": one.when,
                "event_id": one.event_id,
                "action": one.action,
                "scene": one.scene,
                "inviter_id": inviter,
                "role": one.role,
            },
        )
    _say(sink, told)


def _who(name: str, ordinal: int, names: Names, people: People, scope: str) -> tuple[str, str]:
    """(id of the person of a name, how it is known: account, alone or several)."""
    account = names.ids.get(name)
    if account and not ordinal:
        return account, "account"
    how = "alone" if account is None and not ordinal else "several"
    return people.pseudonym(scope, f"{name}\x1f{ordinal}" if ordinal else name), how


def _say(sink: Sink, told: Counter[str]) -> None:
    if told["account"]:
        sink.note(
            f"{told['account']:,} joins or removals name a person whom exactly one account of the chat is "
            "called like; they count for that account"
        )
    if told["alone"]:
        sink.note(
            f"{told['alone']:,} joins or removals name a person who never wrote: they count under a pseudonym"
        )
    if told["several"]:
        sink.note(
            f"{told['several']:,} joins or removals bear a name that several people have: they are taken for "
            "none of them. An aliases export says who is who"
        )
    if told["again"]:
        sink.note(
            f"{told['again']:,} joins bear a name that had joined and not left: one person again, or another "
            "of that name. An aliases export says who is who"
        )
