-- One row per week and scope (the community: group_id NULL, or a group) with its flows of stays.
-- grain: group_id, week_start
-- members_at_end = members_at_start + opened - closed, always. Stays of before the export begin
-- with it, so they belong to the members at the start of their week. Group rows use group stays,
-- the community its own. exit_rate and lost_members leave out stays that ended by dissolution or
-- move.
with

stays as (select * from core.stays),

community_stays as (select * from core.community_stays),

members as (select * from core.members),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

exits as (select has_exits as is_exported from core.exported),

scoped as (
    select
        group_id, member_id, stay_number, joined_at, left_at, exit_kind,
        is_opened,
        is_join_known and stay_number = 1 as is_first_join
    from stays
    union all
    select
        cast(null as varchar) as group_id,
        community_stays.member_id,
        community_stays.stay_number,
        community_stays.joined_at,
        community_stays.left_at,
        community_stays.exit_kind,
        community_stays.is_opened,
        members.is_join_known and community_stays.stay_number = 1 as is_first_join
    from community_stays
    join members on community_stays.member_id = members.member_id
),

opened_weeks as (
    select
        scoped.group_id,
        weeks.week_start,
        count(case when scoped.is_opened then 1 end) as opened,
        count(case when not scoped.is_opened then 1 end) as appeared,
        count(case when scoped.is_first_join then 1 end) as new_members
    from scoped
    join weeks on scoped.joined_at >= weeks.week_start_at and scoped.joined_at < weeks.week_end_at
    group by scoped.group_id, weeks.week_start
),

closed_weeks as (
    select
        scoped.group_id,
        weeks.week_start,
        count(*) as closed,
        count(case when scoped.exit_kind = 'leave' then 1 end) as leaves,
        count(case when scoped.exit_kind = 'kick' then 1 end) as kicks,
        count(case when scoped.exit_kind = 'dissolved' then 1 end) as dissolved,
        count(case when scoped.exit_kind = 'moved' then 1 end) as moved,
        count(distinct case
            when scoped.exit_kind in ('leave', 'kick')
                and (scoped.joined_at < weeks.week_start_at or not scoped.is_opened)
                    then scoped.member_id
        end) as left_members
    from scoped
    join weeks on scoped.left_at >= weeks.week_start_at and scoped.left_at < weeks.week_end_at
    group by scoped.group_id, weeks.week_start
),

scopes as (select group_id, min(joined_at) as first_at from scoped group by group_id),

-- From the week of a scope's first stay to the last week the joins reach into.
spans as (
    select
        scopes.group_id,
        weeks.week_start,
        weeks.is_join_complete,
        weeks.join_days
    from scopes
    cross join settings
    join weeks on weeks.week_end_at > scopes.first_at
        and weeks.week_start_at < settings.watermark_join_at
),

flows as (
    select
        spans.group_id,
        spans.week_start,
        spans.is_join_complete as is_complete,
        spans.join_days,
        coalesce(opened_weeks.opened, 0) as opened,
        coalesce(opened_weeks.appeared, 0) as appeared,
        coalesce(opened_weeks.new_members, 0) as new_members,
        coalesce(closed_weeks.closed, 0) as closed,
        coalesce(closed_weeks.leaves, 0) as leaves,
        coalesce(closed_weeks.kicks, 0) as kicks,
        coalesce(closed_weeks.dissolved, 0) as dissolved,
        coalesce(closed_weeks.moved, 0) as moved,
        coalesce(closed_weeks.left_members, 0) as left_members
    from spans
    left join opened_weeks
        on spans.week_start = opened_weeks.week_start
        and spans.group_id is not distinct from opened_weeks.group_id
    left join closed_weeks
        on spans.week_start = closed_weeks.week_start
        and spans.group_id is not distinct from closed_weeks.group_id
),

ends as (
    select
        flows.*,
        cast(sum(appeared + opened - closed) over (
            partition by group_id order by week_start
            rows between unbounded preceding and current row
        ) as bigint) as members_at_end
    from flows
),

running as (
    select ends.*, members_at_end - opened + closed as members_at_start
    from ends
)

select
    running.group_id, -- group; NULL for the community
    running.week_start, -- first day of the week
    case when running.join_days > 0 then running.new_members end
        as new_members, -- members whose known first join is in the week
    case when running.join_days > 0 then running.opened end
        as opened, -- stays that began
    case when running.join_days > 0 then running.closed end
        as closed, -- stays that ended
    case when running.join_days > 0 then running.leaves end
        as leaves, -- of those by leaving
    case when running.join_days > 0 then running.kicks end
        as kicks, -- by being removed
    case when running.join_days > 0 then running.dissolved end
        as dissolved, -- because the group was dissolved: a flow, not a loss
    case when running.join_days > 0 then running.moved end
        as moved, -- because the member was moved: a flow, not a loss
    case when running.join_days > 0 then running.leaves + running.kicks end
        as lost_members, -- left or removed
    case when running.join_days > 0 then running.opened - running.closed end
        as net_members, -- opened - closed
    running.members_at_start, -- in at the start of the week
    running.members_at_end, -- in at its end = at start + opened - closed
    case when running.join_days > 0 then running.left_members end
        as left_members, -- of those at the start, how many left or were removed
    case when running.is_complete and coalesce(exits.is_exported, false)
        then cast(running.left_members as double) / nullif(running.members_at_start, 0)
    end as exit_rate, -- left_members / members_at_start; NULL where exits are not exported
    case when running.is_complete
        then cast(running.opened - running.closed
            as double) / nullif(running.members_at_start, 0)
    end as net_growth_rate, -- net_members / members_at_start
    running.is_complete, -- whether all joins of the week are known
    case
        when running.join_days = 0 then 'no_export'
        when not running.is_complete then 'incomplete_week'
        when not coalesce(exits.is_exported, false) then 'exits_not_exported'
        when running.members_at_start = 0 then 'nobody_at_start'
    end as reason -- why a value of the row is missing or preliminary
from running
cross join exits
