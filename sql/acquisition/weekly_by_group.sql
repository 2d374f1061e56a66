-- One row per week and group: how many came, left and stayed.
-- grain: group_id, week_start
-- M01 new members, M02 net growth, M04 exit rate. Group stays. exit_rate = members at the start who
-- left or were removed / members at the start.
with

scope_weeks as (select * from acquisition.scope_weeks)

select
    group_id, -- group
    week_start, -- first day of the week
    new_members, -- members whose known first join of the group is in the week
    opened, -- stays that began
    closed, -- stays that ended
    leaves, -- of those by leaving
    kicks, -- by being removed
    dissolved, -- because the group was dissolved: a flow, not a loss
    moved, -- because the member was moved: a flow, not a loss
    lost_members, -- left or removed from the group
    net_members, -- opened - closed
    members_at_start, -- in at the start of the week
    members_at_end, -- in at its end = at start + opened - closed
    left_members, -- of those at the start, how many left or were removed
    exit_rate, -- left_members / members_at_start; NULL where exits are not exported
    net_growth_rate, -- net_members / members_at_start
    is_complete, -- whether all joins of the week are known
    reason -- why a value of the row is missing or preliminary
from scope_weeks
where group_id is not null
