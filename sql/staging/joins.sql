-- Joins, leaves and kicks with one id per person: those of logs, and those that member lists show.
-- What a log leaves out of a join (scene, channel, inviter) is taken from the list that shows the
-- same join.
-- materialized: view
with

logged as (select * from staging.logged_moves),

listed as (select * from staging.list_moves),

facts as (select * from staging.list_facts),

moves as (
    select
        logged.group_id,
        logged.member_id,
        logged.occurred_at,
        logged.day,
        logged.action,
        cast(null as timestamp) as left_after,
        coalesce(logged.scene, facts.scene) as scene,
        coalesce(logged.channel, facts.channel) as channel,
        logged.campaign_id,
        coalesce(logged.inviter_id, facts.inviter_id) as inviter_id,
        logged.role,
        logged.region,
        logged.source,
        logged.event_key
    from logged
    left join facts on logged.source = facts.source and logged.event_key = facts.event_key
    union all
    select
        group_id,
        member_id,
        occurred_at,
        day,
        action,
        left_after,
        scene,
        channel,
        cast(null as varchar) as campaign_id,
        inviter_id,
        role,
        cast(null as varchar) as region,
        source,
        event_key
    from listed
)

select
    group_id, -- group
    member_id, -- who joined or left
    occurred_at, -- when, naive UTC; at the latest where only two lists show it
    day, -- business day
    action, -- join, leave or kick; listed or sign: a list shows somebody of before
    left_after, -- when an exit seen only by comparing two lists was at the earliest
    scene, -- how the member came in
    channel, -- where the member came from
    campaign_id, -- campaign of the join
    inviter_id, -- who brought the member
    role, -- role as exported here
    region, -- region as exported here
    source, -- where the export comes from
    event_key -- what tells the row apart
from moves
