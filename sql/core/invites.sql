-- One row per invitation, and per join that names its inviter where no invitation is exported for
-- it.
-- grain: invite_id
-- Valid if inviter <> invitee, the inviter was seen before the invitee's first join, and the
-- invitee is new to the community. The earliest valid one wins. Pending until invited_at +
-- invite_hours, then expired.
with

exported as (select * from staging.invites),

joins as (select * from staging.joins),

first_joins as (select * from core.first_joins),

orders as (select * from core.orders),

settings as (select * from core.settings),

named as (
    select distinct group_id, invitee_id
    from exported
    where invitee_id is not null
),

from_joins as (
    select
        'join:' || joins.group_id || '/' || joins.event_key as invite_id,
        joins.group_id,
        joins.inviter_id,
        joins.member_id as invitee_id,
        joins.occurred_at as invited_at,
        joins.day,
        joins.occurred_at as joined_at,
        joins.campaign_id,
        true as accepted_only,
        joins.source
    from joins
    left join named on joins.group_id = named.group_id and joins.member_id = named.invitee_id
    where joins.action = 'join' and joins.inviter_id is not null and named.group_id is null
),

invites as (
    select
        invite_id, group_id, inviter_id, invitee_id, invited_at, day, joined_at, campaign_id,
            reward_kind,
        reward_cost, rewarded_at, coalesce(accepted_only, false) as accepted_only, source
    from exported
    union all
    select
        invite_id, group_id, inviter_id, invitee_id, invited_at, day, joined_at, campaign_id,
        cast(null as varchar), cast(null as decimal(18, 2)), cast(null as timestamp),
            accepted_only, source
    from from_joins
),

seen_events as (
    select member_id, first_sign_at as seen_at from first_joins
    union all
    select member_id, min(ordered_at) as seen_at from orders where member_id is not null
        group by member_id
    union all
    select inviter_id as member_id, min(invited_at) as seen_at from exported group by inviter_id
),

first_seen as (select member_id, min(seen_at) as first_seen_at from seen_events group by member_id),

judged as (
    select
        invites.*,
        settings.invite_hours,
        least(settings.watermark_invite_at, settings.watermark_join_at) as limit_at,
        case
            when invitees.member_id is null then invites.joined_at
            when invitees.is_join_known then invitees.first_joined_at
        end as first_join_at,
        case
            when invites.invitee_id is null then 'unknown_invitee'
            when invites.inviter_id = invites.invitee_id then 'self'
            when invitees.first_sign_at < invites.invited_at then 'not_new'
            when invitees.member_id is not null and not invitees.is_join_known then 'not_new'
            when invitees.member_id is null and invites.joined_at is null then 'open'
            when coalesce(inviters.first_seen_at, invites.invited_at)
                >= coalesce(invitees.first_joined_at, invites.joined_at) then 'late_inviter'
            else 'valid'
        end as verdict
    from invites
    cross join settings
    left join first_joins as invitees on invites.invitee_id = invitees.member_id
    left join first_seen as inviters on invites.inviter_id = inviters.member_id
),

ranked as (
    select
        invite_id,
        row_number() over (partition by invitee_id order by invited_at, invite_id) as place
    from judged
    where verdict = 'valid'
)

select
    judged.invite_id, -- invitation
    judged.group_id, -- group it is to
    judged.inviter_id, -- who invited
    judged.invitee_id, -- who was invited
    judged.invited_at, -- when, naive UTC; the join itself where only that is known
    judged.day, -- business day of that
    case when judged.verdict = 'valid' then judged.first_join_at end
        as joined_at, -- first join of the invitee in the community, naive UTC
    case
        when judged.verdict = 'valid' and ranked.place = 1 then 'joined'
        when judged.verdict = 'valid' then 'later_invite'
        when judged.verdict <> 'open' then judged.verdict
        when judged.invited_at + judged.invite_hours * interval 1 hour <= judged.limit_at
            then 'expired'
        else 'pending'
    end
    as outcome, -- joined, pending, expired, or why it does not count
    judged.campaign_id, -- campaign
    judged.reward_kind, -- what the inviter gets
    judged.reward_cost, -- what it costs
    judged.rewarded_at, -- when it was given, naive UTC
    coalesce(judged.invited_at + judged.invite_hours * interval 1 hour <= judged.limit_at, false)
        as is_mature, -- whether its time to join is over
    judged.accepted_only, -- whether its source records successes only
    judged.source -- where the export comes from
from judged
left join ranked on judged.invite_id = ranked.invite_id
