"""Say in both languages why a number is not there."""

from __future__ import annotations

from pipelines.report.text import Text, plain, word

OPEN = frozenset({"not mature", "not yet mature"})
PHRASES = {
    "no join export": Text("没有入群记录", "no join export"),
    "no message export": Text("没有消息记录", "no message export"),
    "no order export": Text("没有订单", "no order export"),
    "no invite export": Text("没有邀请记录", "no invite export"),
    "no export": Text("这段时间没有导出", "nothing exported for this time"),
    "no activity export": Text("没有消息记录或订单", "neither messages nor orders exported"),
    "no cost": Text("没有成本", "no costs exported"),
    "not mature": Text("窗口尚未到期", "not yet mature"),
    "not yet mature": Text("窗口尚未到期", "not yet mature"),
    "incomplete week": Text("这一周不完整", "the week is not complete"),
    "not covered": Text("这段时间没有导出", "not covered by an export"),
    "not exported": Text("未导出", "not exported"),
    "exits not exported": Text("没有导出退群记录", "exits are not exported"),
    "nobody at start": Text("周初没有成员", "nobody at the start"),
    "no active members": Text("没有活跃成员", "no active members"),
    "no buyers": Text("没有买家", "no buyers"),
    "no paid orders": Text("没有付款订单", "no paid orders"),
    "no members": Text("没有成员", "no members"),
    "zero denominator": Text("分母为零", "nothing to divide by"),
    "accepted only": Text("来源只记录成功的邀请", "only successful invites are recorded"),
    "short history": Text("订单历史太短", "order history too short"),
    "needs 180 d of order history": Text("订单历史不足 180 天", "needs 180 d of order history"),
}


def _code(value: object) -> str:
    return str(value).strip().lower().rstrip(".").replace("_", " ")


def reason(value: object) -> Text:
    """Translate a reason the models give; one not known here is shown as it is, empty is no reason."""
    if value is None or not str(value).strip():
        return word("state.null.short")
    return PHRASES.get(_code(value), plain(str(value).strip().replace("_", " ")))


def is_open_reason(value: object) -> bool:
    """Tell whether a reason says that the window is still open."""
    return value is not None and _code(value) in OPEN
