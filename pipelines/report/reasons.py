"""Say in both languages why a number is not there."""

from __future__ import annotations

from pipelines.report.text import Text, plain, word

PHRASES = {
    "no join export": Text("没有入群记录", "no join export"),
    "no message export": Text("没有消息记录", "no message export"),
    "no order export": Text("没有订单", "no order export"),
    "no invite export": Text("没有邀请记录", "no invite export"),
    "not yet mature": Text("窗口尚未到期", "not yet mature"),
    "not mature": Text("窗口尚未到期", "not yet mature"),
    "not covered": Text("这段时间没有导出", "not covered by an export"),
    "not exported": Text("未导出", "not exported"),
    "no active members": Text("没有活跃成员", "no active members"),
    "no buyers": Text("没有买家", "no buyers"),
    "no paid orders": Text("没有付款订单", "no paid orders"),
    "no members": Text("没有成员", "no members"),
    "zero denominator": Text("分母为零", "nothing to divide by"),
    "needs 180 d of order history": Text("订单历史不足 180 天", "needs 180 d of order history"),
}


def reason(value: object) -> Text:
    """Translate a reason the models give; one not known here is shown as it is, empty is no reason."""
    if value is None or not str(value).strip():
        return word("state.null")
    said = str(value).strip()
    return PHRASES.get(said.lower().rstrip(".").replace("_", " "), plain(said))
