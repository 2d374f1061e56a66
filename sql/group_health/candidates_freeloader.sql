-- One row per member who may take without giving, for review; nobody is removed by it.
-- grain: member_id
-- M83. In the community freeloader_days or more without a break at R of joins, messages and orders;
-- took a red packet or got a reward; no paid order ever, no joined invitee ever, no meaningful
-- message but within the hour after a red packet of the group. No refusers of archiving. Needs
-- orders, messages, and claims or rewards.
with

suspects as (select * from group_health.takers_only),

messages as (select * from core.authored_messages),

originals as (select * from staging.messages),

-- What suspects wrote, and the red packets of all groups, in one line of time per group.
moments as (
    select
        messages.group_id,
        messages.member_id,
        messages.occurred_at,
        1 as kind_order,
        cast(null as timestamp) as packet_at
    from messages
    join suspects on messages.member_id = suspects.member_id
    where messages.is_meaningful and messages.occurred_at < suspects.report_at
    union all
    select group_id, member_id, occurred_at, 0 as kind_order, occurred_at as packet_at
    from originals
    where kind = 'red_packet'
),

placed as (
    select
        moments.*,
        max(packet_at) over (
            partition by group_id order by occurred_at, kind_order
            rows between unbounded preceding and current row
        ) as last_packet_at
    from moments
),

written as (
    select
        member_id,
        count(case when occurred_at < last_packet_at + interval 1 hour then 1 end)
            as messages_near_packets,
        count(case when occurred_at < last_packet_at + interval 1 hour then null else 1 end)
            as messages_outside_packets
    from placed
    where kind_order = 1
    group by member_id
),

chosen as (
    select
        suspects.*,
        coalesce(written.messages_near_packets, 0) as messages_near_packets,
        coalesce(written.messages_outside_packets, 0) as messages_outside_packets
    from suspects
    left join written on suspects.member_id = written.member_id
    where coalesce(written.messages_outside_packets, 0) = 0
)

select
    member_id, -- member
    report_at, -- R, naive UTC
    days_in_group, -- days since the present community stay began
    packets_taken, -- red packets of others they took
    rewards_received, -- rewarded invitations and gifts of kind reward
    messages_near_packets, -- messages within the hour after a red packet
    messages_outside_packets, -- other messages: none
    'In the community for ' || cast(days_in_group as varchar) || ' days. Red packets taken: '
        || cast(packets_taken as varchar) || ', rewards: ' || cast(rewards_received as varchar)
        || '. Never bought, brought nobody; messages within an hour of a red packet: '
        || cast(messages_near_packets as varchar) || ', others: none.'
        as reason_en, -- why, in words
    '入群 ' || cast(days_in_group as varchar) || ' 天。领红包 ' || cast(packets_taken as varchar)
        || ' 个，得奖励 ' || cast(rewards_received as varchar)
        || ' 份；从未下单，没有带来新成员；红包后一小时内发言 '
        || cast(messages_near_packets as varchar) || ' 条，其他时间没有发言。'
        as reason_zh -- the same in Chinese
from chosen
