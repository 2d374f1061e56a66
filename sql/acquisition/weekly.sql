-- One row per week: how many came, left and stayed.
-- grain: week_start
-- concept: M01 = new_members
-- concept: M02 = net_members, net_growth_rate
-- concept: M04 = exit_rate, leaves, kicks
-- M01 new members, M02 net growth, M04 exit rate. Community stays: from no group to at least one
-- and back. exit_rate = members at the start who left or were removed / members at the start.
with

scope_weeks as (select * from acquisition.scope_weeks),

exits as (select bool_or(action in ('leave', 'kick')) as is_exported from staging.joins)

select
    scope_weeks.week_start, -- first day of the week
    case when scope_weeks.join_days > 0 then scope_weeks.new_members end
        as new_members, -- members whose known first join is in the week
    case when scope_weeks.join_days > 0 then scope_weeks.opened end
        as opened, -- stays that began
    case when scope_weeks.join_days > 0 then scope_weeks.closed end
        as closed, -- stays that ended
    case when scope_weeks.join_days > 0 then scope_weeks.leaves end
        as leaves, -- of those by leaving
    case when scope_weeks.join_days > 0 then scope_weeks.kicks end
        as kicks, -- by being removed
    case when scope_weeks.join_days > 0 then scope_weeks.dissolved end
        as dissolved, -- because the group was dissolved: a flow, not a loss
    case when scope_weeks.join_days > 0 then scope_weeks.moved end
        as moved, -- because the member was moved: a flow, not a loss
    case when scope_weeks.join_days > 0 then scope_weeks.leaves + scope_weeks.kicks end
        as lost_members, -- left or removed from their last group
    case when scope_weeks.join_days > 0 then scope_weeks.opened - scope_weeks.closed end
        as net_members, -- opened - closed
    scope_weeks.members_at_start, -- in at the start of the week
    scope_weeks.members_at_end, -- in at its end = at start + opened - closed
    case when scope_weeks.join_days > 0 then scope_weeks.left_members end
        as left_members, -- of those at the start, how many left or were removed
    case when scope_weeks.is_complete and coalesce(exits.is_exported, false)
        then cast(scope_weeks.left_members as double) / nullif(scope_weeks.members_at_start, 0)
    end as exit_rate, -- left_members / members_at_start; NULL where exits are not exported
    case when scope_weeks.is_complete
        then cast(scope_weeks.opened - scope_weeks.closed
            as double) / nullif(scope_weeks.members_at_start, 0)
    end as net_growth_rate, -- net_members / members_at_start
    scope_weeks.is_complete, -- whether all joins of the week are known
    case
        when scope_weeks.join_days = 0 then 'no_export'
        when not scope_weeks.is_complete then 'incomplete_week'
        when not coalesce(exits.is_exported, false) then 'exits_not_exported'
        when scope_weeks.members_at_start = 0 then 'nobody_at_start'
    end as reason -- why a value of the row is missing or preliminary
from scope_weeks
cross join exits
where scope_weeks.group_id is null
