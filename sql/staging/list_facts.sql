-- One row per join of a log that a member list shows too: what the list says of it.
-- grain: source, event_key
with

runs as (select * from staging.list_runs),

logged as (select * from staging.logged_moves)

select
    logged.source, -- source of the log
    logged.event_key, -- what tells the row of the log apart
    max(runs.scene) as scene, -- how the member came in
    max(runs.channel) as channel, -- where the member came from
    max(runs.inviter_id) as inviter_id -- who brought the member
from logged
join runs
    on logged.group_id = runs.group_id
    and logged.member_id = runs.member_id
    and logged.occurred_at >= runs.joined_at - interval 24 hour
    and logged.occurred_at <= runs.joined_at + interval 24 hour
where logged.action = 'join'
group by logged.source, logged.event_key
