-- One row per kind of proposal: its rule and threshold, and how it is worded.
-- grain: action
-- Thresholds are settings of [actions].
with

settings as (select * from core.settings),

texts as (
    select
        settings.*,
        cast(cast(100.0 * channel_exit_rate as decimal(9, 1)) as varchar) || ' %' as exit_text,
        cast(cast(push_exit_ratio as decimal(9, 1)) as varchar) as ratio_text,
        cast(cast(reply_minutes as decimal(9, 0)) as varchar) || ' min' as reply_text,
        cast(cast(100.0 * settings.unanswered_rate as decimal(9, 1)) as varchar) || ' %'
            as unanswered_text,
        cast(cast(100.0 * full_share as decimal(9, 1)) as varchar) || ' %' as full_text,
        cast(cast(recall_gap_factor as decimal(9, 1)) as varchar) as gap_text,
        'p' || cast(cast(100.0 * recall_net_percentile as integer) as varchar) as net_text,
        cast(cast(100.0 * payout_gone_share as decimal(9, 1)) as varchar) || ' %' as gone_text,
        cast(cast(refund_ratio as decimal(9, 1)) as varchar) as refund_text,
        'p' || cast(cast(100.0 * leave_alone_percentile as integer) as varchar) as leave_text,
        cast(cast(100.0 * silent_participation as decimal(9, 1)) as varchar) || ' %'
            as silent_text
    from settings
),

rules as (
    select 1 as position, 'stop_channel' as action, 'rate' as unit,
        'Stop the channel' as say_en, '停用渠道' as say_zh,
        'left within 7 days > ' || exit_text || ', n ≥ ' || cast(channel_min_members as varchar)
            || ', Wilson low above all channels' as threshold from texts
    union all
    select 2, 'fewer_pushes', 'people', 'Push at most once a day in', '每天最多推送一次：',
        'exits in 24 h ≥ ' || ratio_text || ' × usual and ≥ '
            || cast(push_min_exits as varchar) from texts
    union all
    select 3, 'change_rota', 'minutes', 'Change the rota of', '调整值班：',
        'median first reply (9–21 h) > ' || reply_text || ' or unanswered > ' || unanswered_text
        from texts
    union all
    select 4, 'migrate_then_dissolve', 'people', 'Move the members, then dissolve', '先迁群再解散：',
        'fewer than ' || cast(migrate_talkers as varchar) || ' talked and nobody bought in 14 d'
        from texts
    union all
    select 5, 'open_new_group', 'people', 'Open a new group and switch the live code of',
        '开新群并切换活码：', 'members ≥ ' || full_text || ' of the capacity' from texts
    union all
    select 6, 'check_welcome_offer', 'rate', 'Check the welcome offer', '检查新人礼',
        'first orders in 7 d below the expected range, n ≥ '
            || cast(welcome_min_members as varchar) from texts
    union all
    select 7, 'recall_buyer', 'days', 'Write personally to', '一对一唤醒',
        'silent > ' || gap_text || ' × own median gap, net ≥ ' || net_text from texts
    union all
    select 8, 'replace_mechanic', 'slope', 'Replace the mechanic of', '更换玩法：',
        'fatigue slope interval below 0 over ≥ ' || cast(fatigue_min_waves as varchar)
            || ' waves' from texts
    union all
    select 9, 'hold_payout', 'rate', 'Hold the payout for review of', '暂缓发奖并核查：',
        '≥ ' || cast(payout_min_invitees as varchar) || ' invitees, ≥ ' || gone_text
            || ' gone in 48 h' from texts
    union all
    select 10, 'pull_link', 'rate', 'Pull the link of', '下架链接：',
        'refunds ≥ ' || refund_text || ' × category with ≥ ' || cast(refund_min_orders as varchar)
            || ' orders, or ' || cast(complaint_burst as varchar) || ' complaints in 24 h'
        from texts
    union all
    select 11, 'leave_alone', 'rate', 'Leave alone', '不要打扰：',
        'buyers ≥ ' || leave_text || ', participation < ' || silent_text from texts
)

select
    action, -- what is proposed
    position, -- place in the list
    unit, -- unit of its value: rate, people, minutes, days or slope
    threshold, -- from when on it is proposed
    say_en, -- its words in English
    say_zh -- and in Chinese
from rules
