"""The canonical columns of every export kind: names, types, which are required, and their values.

This is the contract between exports and models. A `Column` has one of the types below; `raw.<table>` stores
it in the DuckDB type that `SQL_TYPES` gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

EventKind = Literal[
    "join", "message", "order", "invite",
    "groups", "members", "member_list", "recalls", "aliases", "campaigns", "products", "gifts", "coverage",
    "platform_stats", "targets",
]  # fmt: skip
ColumnType = Literal["id", "text", "time", "date", "money", "number", "integer", "boolean", "enum"]

SQL_TYPES: dict[str, str] = {
    "id": "varchar", "text": "varchar", "time": "timestamp", "date": "date", "money": "decimal(18,2)",
    "number": "decimal(18,4)", "integer": "bigint", "boolean": "boolean", "enum": "varchar",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One canonical column. `is_strict` enums reject a row with an unknown value, others read it as NULL."""

    name: str
    type: ColumnType
    comment: str
    is_required: bool = False
    values: tuple[str, ...] = ()
    is_strict: bool = False
    is_personal: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of export: its raw table, its columns, and how its rows are told apart.

    `key` names the columns of the natural key; an empty key means the row's own content. `own_id` is the
    export's own id column, which wins over both where it is filled. `is_event` kinds have coverage. Of
    `is_vast` kinds there are rows by the million: their table stores neither keys that follow from ids nor
    columns that no file has filled yet (raw.py).
    """

    name: EventKind
    table: str
    columns: tuple[Column, ...]
    comment: str
    own_id: str | None = None
    key: tuple[str, ...] = ()
    event_time: str | None = None
    is_vast: bool = False

    @property
    def is_event(self) -> bool:
        """Whether days without rows of this kind can be covered or not (the four event kinds)."""
        return self.event_time is not None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the canonical columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns every row must have."""
        return tuple(column for column in self.columns if column.is_required)


def _id(name: str, comment: str, required: bool = False, personal: bool = False) -> Column:
    return Column(name, "id", comment, is_required=required, is_personal=personal)


def _member(name: str, comment: str, required: bool = False) -> Column:
    return _id(name, comment, required, personal=True)


def _time(name: str, comment: str, required: bool = False) -> Column:
    return Column(name, "time", comment, is_required=required)


def _enum(name: str, values: str, comment: str, strict: bool = False) -> Column:
    return Column(name, "enum", comment, values=tuple(values.split()), is_strict=strict)


def _text(name: str, comment: str, personal: bool = False) -> Column:
    return Column(name, "text", comment, is_personal=personal)


ROLES = "member kol staff owner admin bot alt"
JOIN = Kind(
    "join", "joins",
    (
        _id("group_id", "group that was joined or left", True),
        _member("member_id", "who joined or left", True),
        _time("occurred_at", "when, naive UTC", True),
        _id("event_id", "the export's own id of the event"),
        _enum("action", "join leave kick", "what happened; empty means join", strict=True),
        _enum("scene", "direct link qr request unknown", "how the member came in"),
        _text("channel", "where the member came from (live code, partner:…)"),
        _id("campaign_id", "campaign the join belongs to"),
        _member("inviter_id", "who brought the member"),
        _enum("role", ROLES, "role of the member as this export knows it"),
        _text("region", "region of the member"),
    ),
    "Joins, leaves and kicks as exported.", own_id="event_id", event_time="occurred_at",
)  # fmt: skip
MESSAGE = Kind(
    "message", "messages",
    (
        _id("group_id", "group the message was posted in", True),
        _member("member_id", "author", True),
        _time("occurred_at", "when, naive UTC", True),
        _id("message_id", "the export's own id of the message"),
        _enum(
            "kind",
            "text image video voice link mini_program red_packet file sticker checkin poll order_chain note "
            "system",
            "what was posted; empty means text", strict=True,
        ),
        _enum("role", ROLES, "role of the author as this export knows it"),
        Column("text_length", "integer", "characters of the text"),
        Column("is_question", "boolean", "whether the text asks something"),
        Column("is_emoji_only", "boolean", "whether the text is emoji only"),
        _text("subject", "subject the message is about"),
        _enum("tag", "useful fun feeling benefit", "what the content offers"),
        _id("reply_to_message_id", "message this one replies to"),
        _id("thread_id", "thread the message belongs to; its first message is the parent"),
        _text("mentions", "ids of the members mentioned, separated by a space, comma or semicolon", True),
        _time("revoked_at", "when it was taken back"),
        _id("campaign_id", "campaign the post belongs to"),
        _id("product_id", "product the post is about"),
        _enum("topic", "promo content testimonial service notice chat ad complaint", "what the post is for"),
        Column("amount", "money", "amount of a red packet"),
        _text("claimed_by", "ids of the members who took the red packet", True),
    ),
    "Messages, with the text reduced to its length and two flags.",
    own_id="message_id", event_time="occurred_at", is_vast=True,
)  # fmt: skip
ORDER = Kind(
    "order", "orders",
    (
        _id("order_id", "order", True),
        _time("ordered_at", "when it was placed, naive UTC", True),
        Column(
            "amount", "money", "amount of the line; quantity x unit_price where not exported",
            is_required=True,
        ),
        Column("unit_price", "number", "price of one"),
        _member("member_id", "buyer; empty means unknown"),
        Column("line_number", "integer", "line of the order; its place in the file where not exported"),
        _id("group_id", "group the order came from"),
        _time("paid_at", "when it was paid; the order time where the source has no such column"),
        _enum(
            "kind", "sale preorder_deposit preorder_balance recharge balance_spend refund group_buy",
            "what the line is; empty means sale, or refund where the amount is negative", strict=True,
        ),
        _enum("status", "paid unpaid cancelled refunded completed", "state of the order", strict=True),
        _id("product_id", "product"),
        Column("quantity", "number", "how many"),
        Column("discount_amount", "money", "discount given on the line"),
        Column("cost_amount", "money", "cost of the goods of the line"),
        _id("refund_of_order_id", "order that this refund refunds"),
        _id("campaign_id", "campaign the order belongs to"),
        _enum("channel", "group store mini_program other", "where the order was placed"),
        _member("leader_id", "group leader who sold it"),
        _id("preorder_id", "links a deposit to its balance"),
        _time("due_at", "when the balance is due"),
        Column("bonus_amount", "money", "recharge: bonus granted; balance_spend: part paid out of bonus"),
        _id("team_id", "group-buy team"),
        _time("team_completed_at", "when the team was complete"),
        _text("currency", "currency of the amounts; must be the project's"),
        Column("refunded_amount", "money", "refunded of the line so far, where refunds have no date"),
        Column("order_total", "money", "total of the order, on any of its lines; they must add up to it"),
    ),
    "Order lines, the latest export of each order.", key=("order_id",), event_time="ordered_at",
)  # fmt: skip
INVITE = Kind(
    "invite", "invites",
    (
        _id("group_id", "group the invitation is to", True),
        _member("inviter_id", "who invited", True),
        _time("invited_at", "when, naive UTC", True),
        _id("invite_id", "the export's own id of the invitation"),
        _member("invitee_id", "who was invited"),
        _time("joined_at", "when the invitee joined, where the export knows it"),
        _id("campaign_id", "campaign the invitation belongs to"),
        _text("reward_kind", "what the inviter gets"),
        Column("reward_cost", "money", "what the reward costs"),
        _time("rewarded_at", "when the reward was given"),
        _text("status", "state as exported"),
    ),
    "Invitations as exported.", own_id="invite_id", event_time="invited_at",
)  # fmt: skip
GROUPS = Kind(
    "groups", "groups",
    (
        _id("group_id", "group", True),
        _text("group_name", "name of the group"),
        _enum("group_type", "selling interest vip seed leader flash other", "what the group is for"),
        Column("capacity", "integer", "most members it can have"),
        _time("created_at", "when it was made"),
        _time("closed_at", "when it was dissolved"),
        _id("parent_group_id", "group it was split from"),
        _id("successor_group_id", "group its members were moved to"),
        _text("region", "region of the group"),
        _member("owner_id", "member of staff who owns the group"),
        _member("leader_id", "group leader"),
        _text("topic", "subject of the group"),
    ),
    "Groups as exported, the latest row of each.", key=("group_id",),
)  # fmt: skip
MEMBERS = Kind(
    "members", "members",
    (
        _member("member_id", "person", True),
        _enum("role", ROLES, "role; empty means member"),
        _text("tier", "VIP or other tier"),
        _time("tier_since", "since when"),
        _text("region", "region"),
        _time("opted_out_at", "when the person refused pushes"),
        Column("archive_consent", "boolean", "whether the person agreed to message archiving"),
    ),
    "People as exported, the latest row of each.", key=("member_id",),
)  # fmt: skip
MEMBER_LIST = Kind(
    "member_list", "member_lists",
    (
        _id("group_id", "group", True),
        _member("member_id", "who was in the group", True),
        _time("taken_at", "when the list was taken; where not exported, when the file was exported"),
        _time("taken_after", "the earliest it can have been taken, where only its day is known"),
        _time("joined_at", "when the person joined, as the list says"),
        _enum("scene", "direct link qr request unknown", "how the member came in"),
        _text("channel", "where the member came from (live code, partner:…)"),
        _member("inviter_id", "who brought the member"),
        _enum("role", ROLES, "role of the member in the group"),
        Column("has_left", "boolean", "whether the person was no longer in the group; empty means no"),
        _time("left_at", "when the person left, where the list keeps those who did"),
    ),
    "Who was in a group when the list was taken; two lists of a group tell joins and exits.",
    key=("group_id", "member_id", "taken_at"),
)  # fmt: skip
RECALLS = Kind(
    "recalls", "recalls",
    (
        _id("group_id", "group of the message", True),
        _id("message_id", "the message that was taken back", True),
        _time("revoked_at", "when, naive UTC", True),
    ),
    "Messages taken back, where the export tells it apart from the message.",
    key=("group_id", "message_id"),
)  # fmt: skip
ALIASES = Kind(
    "aliases", "aliases",
    (
        _member("alias_id", "another id of the person", True),
        _member("member_id", "the id to count the person by", True),
        _time("valid_from", "from when the alias is theirs"),
        _time("valid_to", "until when"),
    ),
    "Ids that belong to one person.", key=("alias_id", "valid_from"),
)  # fmt: skip
CAMPAIGNS = Kind(
    "campaigns", "campaigns",
    (
        _id("campaign_id", "campaign", True),
        _text("campaign_name", "name"),
        _enum(
            "campaign_type",
            "flash_sale group_buy assist give bargain coupon contest lottery checkin fission launch "
            "cleanup other",
            "what kind of campaign",
        ),
        _text("channel", "channel it runs in"),
        Column("wave_number", "integer", "which repetition of the same campaign"),
        _time("starts_at", "start"),
        _time("ends_at", "end"),
        Column("spend", "money", "what it cost beside gifts and rewards"),
        Column("target", "number", "what it should bring"),
    ),
    "Campaigns as exported.", key=("campaign_id", "wave_number"),
)  # fmt: skip
PRODUCTS = Kind(
    "products", "products",
    (
        _id("product_id", "product", True),
        _text("product_name", "name"),
        _text("category", "category"),
        Column("cost", "money", "cost of one"),
        Column("is_entry", "boolean", "whether it is an entry product"),
        _time("launched_at", "first shown"),
        _time("on_sale_at", "first sold"),
    ),
    "Products as exported.", key=("product_id",),
)  # fmt: skip
GIFTS = Kind(
    "gifts", "gifts",
    (
        _id("gift_id", "gift", True),
        _enum("gift_kind", "lead lottery reward coupon", "what the gift is for"),
        Column("unit_cost", "money", "cost of one"),
        _time("issued_at", "when it was given"),
        _time("claimed_at", "when it was claimed"),
        _time("redeemed_at", "when it was used"),
        Column("prize_level", "integer", "level of a lottery prize"),
        _id("campaign_id", "campaign"),
        _member("member_id", "who got it"),
    ),
    "Gifts, prizes and coupons as exported.", key=("gift_id",),
)  # fmt: skip
COVERAGE = Kind(
    "coverage", "coverage",
    (
        _text("source", "source the row speaks of; empty means the file's own"),
        _enum("event_kind", "join message order invite", "kind; empty means all four", strict=True),
        _id("group_id", "group; empty means all of the source"),
        Column("covered_from", "date", "first covered day; empty with covered_to means never exported"),
        Column("covered_to", "date", "last covered day"),
        _time("exported_at", "when it was exported"),
    ),
    "Which days were exported, as declared.",
)  # fmt: skip
PLATFORM_STATS = Kind(
    "platform_stats", "platform_stats",
    (
        Column("day", "date", "business day", is_required=True),
        _id("group_id", "group; empty means all"),
        Column("metric", "text", "what is counted", is_required=True),
        Column("value", "number", "the platform's own number", is_required=True),
    ),
    "The platform's own daily totals.", key=("day", "group_id", "metric"),
)  # fmt: skip
TARGETS = Kind(
    "targets", "targets",
    (
        Column("metric", "text", "a key of scorecard.weekly", is_required=True),
        Column("period_start", "date", "first day of the week", is_required=True),
        Column("value", "number", "the target", is_required=True),
    ),
    "Targets per metric and week.", key=("metric", "period_start"),
)  # fmt: skip

CONTRACT: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        JOIN, MESSAGE, ORDER, INVITE, GROUPS, MEMBERS, MEMBER_LIST, RECALLS, ALIASES, CAMPAIGNS, PRODUCTS,
        GIFTS, COVERAGE, PLATFORM_STATS, TARGETS,
    )
}  # fmt: skip
EVENT_KINDS: tuple[str, ...] = tuple(kind.name for kind in CONTRACT.values() if kind.is_event)
FILE_NAMES: Mapping[str, str] = {kind.table: kind.name for kind in CONTRACT.values()} | {
    kind.name: kind.name for kind in CONTRACT.values()
}
