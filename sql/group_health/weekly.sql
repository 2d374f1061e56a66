-- One row per group and week at whose end it is looked at, of the last 26: flows, talk, sales,
-- score.
-- grain: group_id, week_start
-- concept: M02 = opened, closed, net_members
-- concept: M18 = state
-- concept: M21 = posters, archived_members, participation_rate
-- concept: M47 = buyers_30d, conversion_30d
-- concept: M89 = score, state, reason_en, reason_zh
-- Group stays. Talk and sales are NULL where a day of the week was not exported for the group.
with

snapshots as (select * from group_health.snapshots),

scores as (select * from group_health.scores),

states as (select * from group_health.states),

explanations as (select * from group_health.explanations),

covered as (select * from group_health.covered_days),

flows as (select * from acquisition.weekly_by_group),

sales as (select * from revenue.weekly_by_group),

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

talk as (
    select
        member_days.group_id,
        calendar.week_start,
        cast(sum(member_days.meaningful_messages) as bigint) as messages
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.meaningful_messages > 0
    group by member_days.group_id, calendar.week_start
),

joined as (
    select
        snapshots.*,
        coalesce(covered.order_days_7, 0) = 7 as is_order_covered,
        coalesce(covered.message_days_7, 0) = 7 as is_message_covered
    from snapshots
    left join covered on snapshots.group_id = covered.group_id
        and snapshots.week_start = covered.week_start
)

select
    joined.group_id, -- group
    joined.week_start, -- first day of the week
    joined.members, -- members in the group at the end of the week
    flows.members_at_start, -- at its start
    flows.opened, -- stays that began in the week
    flows.closed, -- stays that ended
    flows.net_members, -- opened - closed
    flows.left_members, -- of those at the start, who left or were removed
    case when flows.is_complete then flows.exit_rate end
        as exit_rate, -- left_members / members_at_start
    case when joined.is_message_covered then coalesce(talk.messages, 0) end
        as messages, -- meaningful messages of members in the week
    joined.posters_7d as posters, -- members in the group at its end who posted in the week
    joined.archived_members, -- members at its end who did not refuse archiving
    joined.participation_7d as participation_rate, -- posters / archived_members
    case when joined.is_order_covered then coalesce(sales.paid_orders, 0) end
        as paid_orders, -- paid orders of the group
    case when joined.is_order_covered then coalesce(sales.buyers, 0) end
        as buyers, -- their known buyers
    case when joined.is_order_covered
        then cast(coalesce(sales.net_revenue, 0) as decimal(18, 2)) end
        as net_revenue, -- net revenue of the group's orders in the week
    joined.buyers_30d, -- members at its end who bought in the 30 days before
    joined.conversion_30d, -- buyers_30d / members
    scores.score, -- health score, 0-100
    states.state, -- unknown, new, no_sales, dead, quiet_seller, dying, watch or healthy
    explanations.reason_en, -- why, in a sentence
    explanations.reason_zh, -- the same in Chinese
    case
        when not joined.is_message_exported then 'no_message_export'
        when not joined.is_order_exported then 'no_order_export'
        when not joined.is_message_covered or not joined.is_order_covered then 'not_covered'
        when flows.week_start is null then 'no_join_export'
        when not flows.is_complete then 'incomplete_week'
    end as reason -- why a value of the row is missing
from joined
join scores on joined.group_id = scores.group_id and joined.week_start = scores.week_start
join states on joined.group_id = states.group_id and joined.week_start = states.week_start
join explanations on joined.group_id = explanations.group_id
    and joined.week_start = explanations.week_start
left join flows on joined.group_id = flows.group_id and joined.week_start = flows.week_start
left join sales on joined.group_id = sales.group_id and joined.week_start = sales.week_start
left join talk on joined.group_id = talk.group_id and joined.week_start = talk.week_start
