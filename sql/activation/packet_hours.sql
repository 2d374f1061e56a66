-- One row per group with red packets and member who wrote in it in the last 28 days.
-- grain: group_id, member_id
-- Half-open hour from the packet on; 28 days before R of messages.
with

posts as (select * from activation.posts),

messages as (select * from group_health.recent_messages),

settings as (select * from core.settings),

packets as (
    select posts.group_id, posts.occurred_at, posts.hour_at
    from posts
    cross join settings
    where posts.lever = 'red_packet'
        and posts.occurred_at >= settings.report_message_at - interval 673 hour
        and posts.occurred_at < settings.report_message_at
),

-- Each packet beside the two hours of the clock that its hour touches: an equality to join on.
touched as (
    select group_id, occurred_at, hour_at
    from packets
    union all
    select group_id, occurred_at, hour_at + interval 1 hour
    from packets
),

written as (
    select *
    from messages
    where is_meaningful
),

near as (
    select written.group_id, written.member_id, written.event_key
    from written
    join touched
        on written.group_id = touched.group_id
        and written.hour_at = touched.hour_at
        and written.occurred_at >= touched.occurred_at
        and written.occurred_at < touched.occurred_at + interval 1 hour
    group by written.group_id, written.member_id, written.event_key
),

near_counts as (
    select group_id, member_id, count(*) as messages
    from near
    group by group_id, member_id
),

all_counts as (
    select group_id, member_id, count(*) as messages
    from written
    group by group_id, member_id
),

with_packets as (select distinct group_id from packets)

select
    all_counts.group_id, -- group with a red packet in the 28 days
    all_counts.member_id, -- member
    all_counts.messages, -- meaningful messages in the group
    coalesce(near_counts.messages, 0) as packet_messages -- of them, within an hour of a packet
from all_counts
join with_packets on all_counts.group_id = with_packets.group_id
left join near_counts
    on all_counts.group_id = near_counts.group_id and all_counts.member_id = near_counts.member_id
