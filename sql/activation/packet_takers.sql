-- One row per red packet whose takers were exported: how many took it, and who wrote beside them.
-- grain: group_id, event_key
-- Writers: counted members with a meaningful message in the hour of the packet or the next.
with

posts as (select * from activation.posts),

messages as (select * from core.authored_messages),

takers as (select * from core.packet_claims),

shares as (
    select group_id, event_key, count(*) as shares
    from takers
    group by group_id, event_key
),

packets as (
    select
        posts.group_id,
        posts.event_key,
        posts.hour_at,
        posts.member_id,
        posts.amount,
        shares.shares
    from posts
    join shares on posts.group_id = shares.group_id and posts.event_key = shares.event_key
    where posts.lever = 'red_packet'
),

touched as (
    select group_id, event_key, member_id, hour_at
    from packets
    union all
    select group_id, event_key, member_id, hour_at + interval 1 hour
    from packets
),

writers as (
    select touched.group_id, touched.event_key, messages.member_id
    from messages
    join touched
        on messages.group_id = touched.group_id
        and date_trunc('hour', messages.occurred_at) = touched.hour_at
        and messages.member_id <> touched.member_id
    where messages.is_meaningful
    group by touched.group_id, touched.event_key, messages.member_id
),

counted as (
    select
        writers.group_id,
        writers.event_key,
        count(*) as posters,
        count(case when takers.member_id is null then 1 end) as posters_beyond
    from writers
    left join takers
        on writers.group_id = takers.group_id
        and writers.event_key = takers.event_key
        and writers.member_id = takers.member_id
    group by writers.group_id, writers.event_key
)

select
    packets.group_id, -- group
    packets.event_key, -- the packet
    packets.amount, -- its amount
    packets.shares, -- who took it
    cast(packets.amount as double) / nullif(packets.shares, 0)
        as amount_a_taker, -- amount / shares
    coalesce(counted.posters, 0) as posters, -- members who wrote in its hour or the next
    coalesce(counted.posters_beyond, 0) as posters_beyond -- of them, who did not take it
from packets
left join counted
    on packets.group_id = counted.group_id and packets.event_key = counted.event_key
