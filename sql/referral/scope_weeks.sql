-- One row per week and scope (everything: group_id NULL, or a group invited to): who brings whom,
-- the numbers of referral.weekly and its twin.
-- grain: group_id, week_start
-- Rates are NULL until week end + 7 d <= W. acceptance_rate is NULL as soon as one invitation of
-- the week comes from a source that records successes only: the rate would be too high.
with

week_counts as (select * from referral.week_counts),

actives as (
    select group_id, week_start, count(*) as active_members
    from retention.scope_weeks
    group by group_id, week_start
),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

-- A week in which a day of the group's messages or orders was not exported has no active members.
holes as (
    select distinct coverage.group_id, calendar.week_start
    from coverage
    join calendar on coverage.day = calendar.day
    where coverage.event_kind in ('message', 'order') and not coverage.is_covered
),

invites as (select * from core.invites),

all_settings as (select * from core.settings),

first_invites as (select min(invited_at) as first_at from invites),

settings as (
    select
        first_invites.first_at,
        all_settings.watermark_invite_at is not null as is_invite_exported,
        coalesce(all_settings.watermark_invite_at, all_settings.watermark_join_at)
            as watermark_invite_at,
        least(all_settings.watermark_invite_at, all_settings.watermark_join_at) as limit_at
    from all_settings
    cross join first_invites
),

scopes as (
    select group_id from week_counts
    union
    select cast(null as varchar) as group_id
),

spans as (
    select scopes.group_id, weeks.*
    from scopes
    cross join settings
    join weeks
        on weeks.week_start_at < settings.watermark_invite_at
        and weeks.week_end_at > settings.first_at
),

filled as (
    select
        spans.group_id,
        spans.week_start,
        coalesce(week_counts.invites_sent, 0) as invites_sent,
        coalesce(week_counts.inviters, 0) as inviters,
        coalesce(week_counts.invites_joined, 0) as invites_joined,
        coalesce(week_counts.invites_pending, 0) as invites_pending,
        coalesce(week_counts.invites_kept_30d, 0) as invites_kept_30d,
        coalesce(week_counts.has_accepted_only, false) as has_accepted_only,
        week_counts.median_days_to_join,
        week_counts.reward_cost,
        case when spans.activity_days = 7 and holes.week_start is null
            then coalesce(actives.active_members, 0) end
            as active_members,
        case when settings.is_invite_exported then spans.invite_days else spans.join_days end > 0
            as is_seen,
        coalesce(
            spans.week_end_at + interval 168 hour <= settings.limit_at
                and (spans.invite_days = 7 or not settings.is_invite_exported)
                and spans.join_days = 7
                and next_weeks.join_days = 7,
            false
        ) as is_complete,
        coalesce(
            spans.week_end_at + interval 888 hour <= settings.limit_at
                and week_counts.invites_known_30d = week_counts.invites_joined,
            false
        ) as is_complete_30d
    from spans
    cross join settings
    left join weeks as next_weeks on spans.week_number + 1 = next_weeks.week_number
    left join week_counts
        on spans.week_start = week_counts.week_start
        and spans.group_id is not distinct from week_counts.group_id
    left join holes on spans.week_start = holes.week_start and spans.group_id = holes.group_id
    left join actives
        on spans.week_start = actives.week_start
        and spans.group_id is not distinct from actives.group_id
)

select
    group_id, -- group invited to; NULL for all
    week_start, -- first day of the week of sending
    case when is_seen then invites_sent end as invites_sent, -- invitations by counted members
    case when is_seen then inviters end as inviters, -- members who sent one
    case when is_complete then invites_joined end as invites_joined, -- of them, joined within 168 h
    case when is_seen then invites_pending end as invites_pending, -- still open
    case when is_complete and not has_accepted_only
        then cast(invites_joined as double) / nullif(invites_sent, 0) end
        as acceptance_rate, -- invites_joined / invites_sent
    active_members, -- active members of the week; NULL where the week is not covered
    case when is_complete then cast(invites_sent as double) / nullif(active_members, 0) end
        as invites_per_active, -- invites_sent / active_members
    case when is_complete then cast(invites_joined as double) / nullif(active_members, 0) end
        as k_factor, -- invites_joined / active_members
    case when is_complete then cast(invites_joined as double) / nullif(inviters, 0) end
        as fission_multiple, -- invites_joined / inviters
    case when is_complete then median_days_to_join end
        as median_days_to_join, -- from invitation to join
    case when is_complete then reward_cost end as reward_cost, -- rewards of joined invitations
    case when is_complete then cast(reward_cost as double) / nullif(invites_joined, 0) end
        as cost_per_joined, -- reward_cost / invites_joined
    case when is_complete_30d then cast(reward_cost as double) / nullif(invites_kept_30d, 0) end
        as cost_per_kept_30d, -- reward_cost / invitees in a group 30 d after joining
    is_complete, -- whether the week end + 7 d is covered
    case
        when not is_seen then 'no_export'
        when not is_complete then 'not_mature'
        when has_accepted_only then 'only_successes_exported'
        when invites_sent = 0 then 'no_invites'
        when active_members is null then 'activity_not_covered'
        when active_members = 0 then 'no_active_members'
        when invites_joined = 0 then 'no_joined_invites'
        when reward_cost is null then 'no_rewards'
        when not is_complete_30d then 'not_mature'
        when invites_kept_30d = 0 then 'nobody_kept'
    end as reason -- why a value of the row is missing
from filled
