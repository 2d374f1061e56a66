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
    "no rewards": Text("这些周没有邀请奖励的记录", "no invite rewards in these weeks"),
    "no cost": Text("没有成本", "no costs exported"),
    "not mature": Text("窗口尚未到期", "not yet mature"),
    "not yet mature": Text("窗口尚未到期", "not yet mature"),
    "incomplete week": Text("这一周不完整", "the week is not complete"),
    "not covered": Text("这段时间没有导出", "not covered by an export"),
    "not exported": Text("未导出", "not exported"),
    "exits not exported": Text("没有导出退群记录", "exits are not exported"),
    "lists too far apart": Text("成员列表间隔太长", "member lists are too far apart: export them daily"),
    "nobody at start": Text("周初没有成员", "nobody at the start"),
    "no active members": Text("没有活跃成员", "no active members"),
    "no buyers": Text("没有买家", "no buyers"),
    "no paid orders": Text("没有付款订单", "no paid orders"),
    "no members": Text("没有成员", "no members"),
    "zero denominator": Text("分母为零", "nothing to divide by"),
    "short order history": Text("订单历史太短", "order history too short"),
    "only successes exported": Text("来源只记录成功的邀请", "only successful invites are exported"),
    "no invites": Text("没有发出邀请", "no invites sent"),
    "no joined invites": Text("没有邀请成功的人", "nobody invited has joined"),
    "no reward times": Text("没有导出发奖时间", "when rewards were given is not exported"),
    "no reward costs": Text("没有导出奖励成本", "reward costs are not exported"),
    "nobody kept": Text("没有人留下", "nobody stayed"),
    "no seed users": Text("没有种子用户", "no seed users"),
    "no candidates": Text("没有候选", "no candidates"),
    "no recharges": Text("没有充值记录", "no recharges exported"),
    "no tiers": Text("没有会员等级", "tiers are not exported"),
    "no tier dates": Text("没有等级日期", "since when tiers hold is not exported"),
    "no packet claims or rewards": Text("没有领红包或奖励的记录", "neither takers nor rewards exported"),
    "no parent groups": Text("没有导出母群", "parent groups are not exported"),
    "not reached": Text("尚未达到", "not reached yet"),
    "no scores": Text("没有健康分", "no health scores"),
    "activity not covered": Text("活跃数据没有覆盖", "activity is not covered"),
    "not observed": Text("没有观察到", "not observed"),
    "no groups": Text("没有这样的群", "no such group"),
    "no judged groups": Text("没有可判断的群", "no group can be judged"),
    "no questions": Text("没有成员提问", "no member asked anything"),
    "no platform total": Text("没有平台统计", "no totals of the platform exported"),
    "few repeat buyers": Text("复购买家太少", "too few repeat buyers"),
    "few waves": Text("轮次太少", "too few waves"),
    "few groups": Text("群太少", "too few groups"),
    "one group": Text("单个群只排名", "a single group is only ranked"),
    "no campaign": Text("不属于任何活动", "of no campaign"),
    "no campaign start": Text("活动没有开始时间", "the campaign has no start"),
    "no campaign of form": Text("没有这种活动", "no campaign of this form"),
    "no starters": Text("没有人发起", "nobody started one"),
    "no teams": Text("没有到期的团", "no team whose time is over"),
    "no claims": Text("没有导出领取时间", "when gifts were claimed is not exported"),
    "no redemptions": Text("没有导出核销时间", "when gifts were redeemed is not exported"),
    "no coupons": Text("没有优惠券", "no coupons"),
    "no gifts": Text("没有这种礼品的成本", "no gifts of this kind with a cost"),
    "no gift export": Text("没有礼品记录", "no gift export"),
    "no lottery": Text("没有抽奖", "no lottery"),
    "no prize levels": Text("没有导出奖级", "prize levels are not exported"),
    "no participants": Text("没有人参加", "nobody took part"),
    "no targets": Text("没有目标", "no targets"),
    "unknown metric": Text("没有这个指标", "no metric of this name"),
    "not a week": Text("不是一周的第一天", "not the first day of a week"),
    "not converged": Text("模型没有可靠的拟合", "the fit found no reliable maximum"),
    "one target week": Text("只有一周有目标", "only one week has a target"),
    "outlays name no product": Text("费用没有记到商品", "gifts, rewards and spend name no product"),
    "few members": Text("成员太少", "few members"),
    "young": Text("新群", "a young group"),
    "no orders in 14 days": Text("14 天没有订单", "no orders in 14 days"),
    "no messages and no orders in 14 days": Text(
        "14 天没有发言和订单", "no messages and no orders in 14 days"
    ),
    "few talk, many buy": Text("发言少，购买多", "few talk, many buy"),
    "fewer than three inputs": Text("可用的输入不足三项", "fewer than three inputs"),
    "score fell four weeks": Text("健康分连降四周", "score fell four weeks running"),
    "no new members": Text("没有新增成员", "no new members"),
    "no archived members": Text("没有同意存档的成员", "nobody agreed to archiving"),
    "nobody at risk": Text("已没有可继续观察的成员", "nobody left to follow"),
    "no partner channels": Text("没有异业渠道", "no partner channels"),
    "no channels": Text("没有导出入群渠道", "no channels exported"),
    "no scenes": Text("没有导出入群方式", "no join scenes exported"),
    "fewer than five people": Text(
        "分享版隐藏：不足 5 人，或能由此推算出不足 5 人的数",
        "hidden for sharing: fewer than 5 people, or would give such a number away",
    ),
    "no longer known": Text("现在无法得出", "can no longer be told"),
    "no regions": Text("没有导出地域", "no regions exported"),
    "no lead gifts": Text("没有导出引流礼品", "no lead gifts exported"),
    "no check ins": Text("没有打卡", "no check-ins"),
    "no replies": Text("没有导出回复和提及", "neither replies nor mentions exported"),
    "no categories": Text("没有导出商品类目", "no product categories exported"),
    "no sleeping customers": Text(
        "没有入群前沉睡的客户", "no customers who had fallen silent before joining"
    ),
    "no costs": Text("没有导出成本", "no costs exported"),
    "not measurable": Text("无法从导出中测量", "not measurable from exports"),
    "nobody expected": Text("没有可比的发言", "nobody was expected to post"),
    "short history": Text("此前的数据不足 14 天", "fewer than 14 known days before"),
    "no usual exits": Text("平时没有人退群", "nobody usually leaves"),
    "no topics": Text("没有导出消息的用途", "topics of messages are not exported"),
    "no subjects": Text("没有导出消息的主题", "subjects of messages are not exported"),
    "no group topics": Text("没有导出群的主题", "subjects of groups are not exported"),
    "no tags": Text("没有导出内容标签", "tags of posts are not exported"),
    "no product posts": Text("没有带商品的消息", "no posts that name a product"),
    "no order products": Text("订单没有商品", "products of orders are not exported"),
    "no red packets": Text("没有红包", "no red packets"),
    "no packet amounts": Text("没有导出红包金额", "amounts of red packets are not exported"),
    "no packet claims": Text("没有导出红包领取人", "takers of red packets are not exported"),
    "no mini programs": Text("没有小程序消息", "no mini-program posts"),
    "no messages": Text("没有消息", "no messages"),
    "no posts": Text("没有这样的消息", "no such posts"),
    "no pairs": Text("没有相互回复", "nobody answered anybody"),
    "no sessions": Text("没有成员之间的对话", "no conversations of members"),
    "no campaigns": Text("没有活动", "no campaigns"),
    "no launches": Text("没有新品", "no launches of products"),
    "no opt outs": Text("没有导出拒收", "opting out is not exported"),
    "no extra posters": Text("没有多出的发言人", "nobody more than expected"),
    "no staff messages": Text("没有员工消息", "no messages of staff"),
    "no first orders before": Text("此前没有首单可比", "no first orders before to compare with"),
    "no sale start": Text("没有导出开售时间", "the start of the sale is not exported"),
    "no cohort": Text("不属于任何一批", "of no cohort"),
    "no deposits": Text("没有定金", "no deposits"),
    "no due dates": Text("没有导出尾款到期日", "due dates of balances are not exported"),
    "none due": Text("没有到期的尾款", "no balances due"),
    "no discounts": Text("没有导出优惠金额", "discounts are not exported"),
    "no entry products": Text("没有标出引流款", "no entry products marked"),
    "no leaders": Text("没有团长", "no group leaders"),
    "no product": Text("没有商品编号", "no product named"),
    "no refunds": Text("没有导出退款", "refunds are not exported"),
    "not paid back": Text("尚未收回获客成本", "not paid back yet"),
    "not sold": Text("没有卖出过", "never sold"),
    "zero cost": Text("没有获客成本", "no cost of winning them"),
    "is empty": Text("为空", "is empty"),
    "is not an amount of money": Text("不是金额", "is not an amount of money"),
    "is not a number": Text("不是数字", "is not a number"),
    "is not a whole number": Text("不是整数", "is not a whole number"),
    "is neither yes nor no": Text("不是「是」或「否」", "is neither yes nor no"),
    "is not a date like 2026-03-01": Text("不是 2026-03-01 这样的日期", "is not a date like 2026-03-01"),
    "is not a time between 2005 and the end of the export": Text(
        "不是 2005 年到导出之间的时间", "is not a time between 2005 and the end of the export"
    ),
    "is a masked phone number, which is nobody's id": Text(
        "是打码的手机号，不能当作身份", "is a masked phone number, which is nobody's id"
    ),
}


def _code(value: object) -> str:
    return str(value).strip().lower().rstrip(".").replace("_", " ")


def reason(value: object) -> Text:
    """Translate a reason the models give; one not known here is shown as it is, empty is no reason."""
    if value is None or not str(value).strip():
        return word("state.null.short")
    said = str(value).strip()
    return PHRASES.get(_code(said), plain(said if " " in said else said.replace("_", " ")))


def is_open_reason(value: object) -> bool:
    """Tell whether a reason says that the window is still open."""
    return value is not None and _code(value) in OPEN
