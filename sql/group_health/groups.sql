-- One row per group: how it stands at R, the end of the last complete week of joins, messages and
-- orders.
-- grain: group_id
-- concept: M11 = capacity_fill
-- concept: M12 = size_bucket
-- concept: M15 = lurker_rate
-- concept: M16 = silent_buyer_rate
-- concept: M17 = state
-- concept: M18 = state
-- concept: M19 = top3_share, gini
-- concept: M20 = staff_share
-- concept: M21 = participation_7d
-- concept: M22 = reply_rate
-- concept: M37 = median_first_response_minutes, unanswered_rate
-- concept: M47 = buyers_30d, conversion_30d
-- concept: M89 = score, score_inputs_used, score_inputs_missing, reason_en, reason_zh
-- M11, M12, M15-M17, M19-M23, M37, M47, M89. Dissolved groups are left out. See
-- group_health.snapshots for each input.
with

snapshots as (select * from group_health.snapshots),

scores as (select * from group_health.scores),

states as (select * from group_health.states),

explanations as (select * from group_health.explanations),

groups as (select * from core.groups)

select
    groups.group_id, -- group
    groups.group_name, -- name
    groups.group_type, -- what it is for
    groups.owner_id, -- member of staff who owns it
    snapshots.week_start, -- week at whose end it is looked at
    snapshots.members, -- members in the group
    groups.capacity, -- most it can have
    cast(snapshots.members as double) / groups.capacity as capacity_fill, -- members / capacity
    case
        when snapshots.members < 50 then '<50'
        when snapshots.members < 150 then '50–149'
        when snapshots.members < 250 then '150–249'
        when snapshots.members < 400 then '250–399'
        else '400+'
    end as size_bucket, -- <50, 50–149, 150–249, 250–399 or 400+
    snapshots.archived_members, -- members who did not refuse archiving
    snapshots.posters_7d, -- members who posted in 7 days
    snapshots.messages_7d, -- their meaningful messages
    snapshots.participation_7d, -- posters_7d / archived_members
    snapshots.lurker_rate, -- silent for 30 days / in the group for 30 days
    snapshots.silent_buyer_rate, -- buyers of 30 days who wrote nothing / buyers of 30 days
    snapshots.top3_share, -- messages of the three loudest / member messages, 28 days
    snapshots.gini, -- inequality of messages over members, 28 days
    snapshots.staff_share, -- messages of staff / messages, 28 days
    snapshots.reply_rate, -- replies / meaningful messages, 28 days
    snapshots.median_first_response_minutes, -- median minutes to an answer, asked 9-21 h, 28 days
    snapshots.unanswered_rate, -- questions without answer in 24 h / questions, 28 days
    snapshots.buyers_30d, -- members who bought in 30 days
    snapshots.conversion_30d, -- buyers_30d / members
    snapshots.net_revenue_28d, -- net revenue of the group's orders, 28 days
    snapshots.days_since_member_message, -- days since a member wrote
    snapshots.exit_rate_28d, -- left in 28 days / members of 28 days ago
    states.state, -- unknown, new, no_sales, dead, quiet_seller, dying, watch or healthy
    scores.score, -- health score, 0-100
    scores.score_inputs_used, -- inputs the score had
    scores.score_inputs_missing, -- inputs it had not
    states.reason, -- what the state rests on
    explanations.reason_en, -- why it is in its state: a sentence with the numbers
    explanations.reason_zh -- the same in Chinese
from snapshots
join groups on snapshots.group_id = groups.group_id
join scores on snapshots.group_id = scores.group_id and snapshots.week_start = scores.week_start
join states on snapshots.group_id = states.group_id and snapshots.week_start = states.week_start
join explanations on snapshots.group_id = explanations.group_id
    and snapshots.week_start = explanations.week_start
where snapshots.is_report
