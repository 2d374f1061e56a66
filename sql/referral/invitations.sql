-- One row per invitation by a counted member, looked at once: what became of it.
-- grain: invite_id
-- Staff invitations are a channel and left out. Facts of joined ones (outcome joined, however long
-- it took) are NULL until their own window is over and covered, and where the export they need is
-- missing or two member lists tell no closer.
with

invites as (select * from core.invites),

roles as (select * from core.roles),

calendar as (select * from core.calendar),

community_stays as (select * from core.community_stays),

orders as (select * from core.orders),

settings as (select * from core.settings),

exported as (select * from core.exported),

sent as (
    select
        invites.*,
        calendar.week_start,
        invites.outcome = 'joined' as is_joined,
        invites.joined_at + interval 720 hour as kept_at,
        coalesce(invites.rewarded_at is not null, false)
            or (not exported.has_reward_times and coalesce(invites.reward_cost, 0) > 0)
                as is_rewarded
    from invites
    cross join exported
    join roles on invites.inviter_id = roles.member_id and roles.is_counted
    left join calendar
        on invites.invited_at >= calendar.day_start_at
        and invites.invited_at < calendar.day_end_at
),

-- A day without an export of joins between joining and the end of a window hides who left.
seen as (
    select
        sent.invite_id,
        last_days.join_days_missed - first_days.join_days_missed as missed_days,
        greatest(reward_ends.join_days_missed - first_days.join_days_missed, 0)
            as missed_days_48h
    from sent
    join calendar as first_days
        on sent.joined_at >= first_days.day_start_at and sent.joined_at < first_days.day_end_at
    left join calendar as last_days
        on sent.kept_at >= last_days.day_start_at and sent.kept_at < last_days.day_end_at
    left join calendar as reward_ends
        on sent.rewarded_at + interval 48 hour > reward_ends.day_start_at
        and sent.rewarded_at + interval 48 hour <= reward_ends.day_end_at
    where sent.is_joined
),

stays as (
    select
        sent.invite_id,
        bool_or(community_stays.joined_at <= sent.kept_at
            and (community_stays.left_at is null or community_stays.left_at > sent.kept_at))
            as is_there,
        bool_or(community_stays.stay_number = 1
            and coalesce(community_stays.exit_kind in ('leave', 'kick'), false)
            and coalesce(community_stays.left_at < sent.rewarded_at + interval 48 hour, false))
            as is_gone,
        bool_or(community_stays.stay_number = 1
            and coalesce(community_stays.exit_kind in ('leave', 'kick'), false)
            and coalesce(community_stays.left_at >= sent.rewarded_at + interval 48 hour, false)
            and coalesce(community_stays.left_after < sent.rewarded_at + interval 48 hour, false))
            as is_vague
    from sent
    join community_stays on sent.invitee_id = community_stays.member_id
    where sent.is_joined
    group by sent.invite_id
),

purchases as (
    select
        sent.invite_id,
        bool_or(orders.is_paid) as is_buyer,
        sum(orders.net_revenue) as net_revenue
    from sent
    join orders
        on sent.invitee_id = orders.member_id
        and coalesce(orders.paid_at, orders.ordered_at) >= sent.joined_at
    where sent.is_joined and orders.is_counted
    group by sent.invite_id
),

rewards as (
    select
        invite_id,
        row_number() over (
            partition by invitee_id order by rewarded_at, invited_at, invite_id
        ) as place
    from sent
    where is_rewarded and invitee_id is not null and outcome <> 'self'
)

select
    sent.invite_id, -- invitation
    sent.group_id, -- group it is to, the group of the inviter
    sent.week_start, -- week of sending
    sent.day, -- business day of sending
    sent.inviter_id, -- counted member who invited
    sent.invitee_id, -- who was invited
    sent.campaign_id, -- campaign
    sent.invited_at, -- when, naive UTC
    sent.joined_at, -- first join of the invitee, naive UTC; joined ones only
    sent.outcome, -- joined, pending, expired, or why it does not count
    sent.is_joined, -- whether it is a joined invitation
    sent.is_joined and sent.joined_at < sent.invited_at + settings.invite_hours * interval 1 hour
        as is_joined_in_time, -- whether the join came within 168 h
    sent.is_mature, -- whether its time to join is over
    sent.accepted_only, -- whether its source records successes only
    case when sent.is_joined
        then date_diff('microsecond', sent.invited_at, sent.joined_at) / 86400000000.0
    end as days_to_join, -- days from invitation to join
    case
        when sent.is_joined and exported.has_exits and seen.missed_days = 0
            and sent.kept_at <= settings.watermark_join_at
            then stays.is_there
    end as is_kept_30d, -- whether the invitee is in a group 30 d after joining; NULL while unknown
    case when sent.is_joined and exported.has_orders then coalesce(purchases.is_buyer, false) end
        as is_buyer, -- whether the invitee paid an order from the join on
    case when sent.is_joined and exported.has_orders
        then cast(coalesce(purchases.net_revenue, 0) as decimal(18, 2)) end
        as invitee_revenue, -- net revenue of the invitee's orders from the join on
    sent.reward_cost, -- what the reward costs
    sent.rewarded_at, -- when it was given, naive UTC
    sent.is_rewarded, -- whether a reward was given
    case
        when not (sent.is_joined and sent.is_rewarded) then false
        when exported.has_exits and seen.missed_days_48h = 0
            and sent.rewarded_at + interval 48 hour <= settings.watermark_join_at
            and not coalesce(stays.is_vague, false)
            then stays.is_gone
    end as is_gone_48h, -- joined, rewarded, and left within 48 h of it; NULL while unknown
    coalesce(rewards.place > 1, false)
        as is_paid_again -- rewarded although its invitee had been rewarded for before
from sent
cross join settings
cross join exported
left join seen on sent.invite_id = seen.invite_id
left join stays on sent.invite_id = stays.invite_id
left join purchases on sent.invite_id = purchases.invite_id
left join rewards on sent.invite_id = rewards.invite_id
