-- One row per week of sending and scope (everything: group_id NULL, or the group invited to).
-- grain: group_id, week_start
-- Invitations of counted members only: staff invitations are a channel. Joined = valid, and the
-- invitee's first community join lies within invite_hours of the invitation.
with

invites as (select * from core.invites),

roles as (select * from core.roles),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

community_stays as (select * from core.community_stays),

kept as (
    select distinct invites.invite_id
    from invites
    join community_stays
        on invites.invitee_id = community_stays.member_id
        and community_stays.joined_at <= invites.joined_at + interval 720 hour
        and (community_stays.left_at is null
            or community_stays.left_at > invites.joined_at + interval 720 hour)
    where invites.outcome = 'joined'
),

sent as (
    select
        invites.group_id,
        weeks.week_start,
        invites.inviter_id,
        invites.outcome,
        invites.accepted_only,
        invites.outcome = 'joined'
            and invites.joined_at < invites.invited_at + settings.invite_hours * interval 1 hour
                as is_joined,
        kept.invite_id is not null as is_kept,
        case when invites.outcome = 'joined' then invites.reward_cost end as reward_cost,
        case when invites.outcome = 'joined'
            then date_diff('microsecond', invites.invited_at, invites.joined_at) / 86400000000.0
        end as days_to_join
    from invites
    cross join settings
    join roles on invites.inviter_id = roles.member_id and roles.is_counted
    join weeks on invites.invited_at >= weeks.week_start_at
        and invites.invited_at < weeks.week_end_at
    left join kept on invites.invite_id = kept.invite_id
),

scoped as (
    select * from sent
    union all
    select
        cast(null as varchar)
            as group_id, week_start, inviter_id, outcome, accepted_only, is_joined, is_kept,
        reward_cost, days_to_join
    from sent
)

select
    group_id, -- group invited to; NULL for all
    week_start, -- first day of the week of sending
    count(*) as invites_sent, -- invitations by counted members
    count(distinct inviter_id) as inviters, -- members who sent one
    count(case when is_joined then 1 end) as invites_joined, -- of them, joined in time
    count(case when outcome = 'pending' then 1 end) as invites_pending, -- still open
    count(case when is_joined and is_kept then 1 end)
        as invites_kept_30d, -- joined and in a group 30 d later
    bool_or(accepted_only) as has_accepted_only, -- whether a source records successes only
    median(case when is_joined then days_to_join end)
        as median_days_to_join, -- median days from invitation to join
    sum(reward_cost) as reward_cost -- rewards of joined invitations; NULL where none is exported
from scoped
group by group_id, week_start
