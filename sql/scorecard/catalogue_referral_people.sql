-- One row per measure of who refers and whom they bring, VIP and freeloader candidates.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M75 = referrer_share
-- concept: M77 = referred_recharge_per_invitee, referred_recharge_share
-- concept: M82 = vip_tier_share, vip_spend_30d_after_tier, vip_spend_30d_before_tier
-- concept: M83 = freeloader_share
-- Buyers and VIPs: 90 days before R of orders. Recharged within 720 h of joining / joined invitees
-- whose 720 h are over. Spend around tier_since: net of 30 days / members with a tier whose 30 days
-- before and after lie within the export and before R. Freeloaders / counted members in the
-- community for freeloader_days.
with

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

invitations as (select * from referral.invitations),

inviters as (select * from referral.inviters),

tiers as (select * from staging.members),

roles as (select * from core.roles),

community_stays as (select * from core.community_stays),

candidates as (select * from group_health.candidates),

settings as (select * from core.settings),

exported as (select * from core.exported),

calendar as (select * from core.calendar),

gifts as (select * from core.gifts),

reward_gifts as (select count(*) as gifts from gifts where gift_kind = 'reward'),

order_windows as (select * from revenue.windows where period = '90d'),

sent as (select count(*) as invitations from invitations),

covered as (select min(day_start_at) as first_at from calendar where is_order_covered),

known as (
    select
        settings.report_order_at,
        settings.watermark_order_at,
        settings.freeloader_days,
        least(settings.report_join_at, settings.report_message_at, settings.report_order_at)
            as report_at,
        case when not exported.has_orders then 'no_order_export' end as no_orders,
        case when not order_windows.is_covered then 'not_covered' end as no_window,
        case when settings.watermark_invite_at is null and sent.invitations = 0
            then 'no_invite_export' end as no_invites,
        case when not exported.has_recharges then 'no_recharges' end as no_recharges,
        case when not exported.has_tiers then 'no_tiers' end as no_tiers,
        case when not exported.has_tier_dates then 'no_tier_dates' end as no_tier_dates,
        case when not exported.has_messages then 'no_message_export'
            when not exported.has_packet_claims and not exported.has_reward_costs
                and not exported.has_reward_times and reward_gifts.gifts = 0
                then 'no_packet_claims_or_rewards' end as no_takings
    from settings
    cross join exported
    cross join order_windows
    cross join reward_gifts
    cross join sent
),

referring as (
    select inviter_id as member_id
    from invitations
    cross join known
    where is_joined
        and joined_at < known.report_order_at
        and joined_at >= known.report_order_at - interval 2160 hour
    group by inviter_id
),

buyers as (
    select orders.member_id, max(referring.member_id) as referrer_id
    from orders
    cross join known
    left join referring on orders.member_id = referring.member_id
    where orders.is_paid
        and orders.is_counted
        and orders.paid_at < known.report_order_at
        and orders.paid_at >= known.report_order_at - interval 2160 hour
    group by orders.member_id
),

referrers as (select count(referrer_id) as part, count(*) as whole from buyers),

recharged as (
    select
        invitations.invite_id,
        invitations.joined_at + interval 720 hour <= known.watermark_order_at as is_over,
        sum(case when order_lines.line_kind = 'recharge' then order_lines.amount end) as amount
    from invitations
    cross join known
    left join orders on invitations.invitee_id = orders.member_id
    left join order_lines
        on orders.order_id = order_lines.order_id
        and order_lines.effective_at >= invitations.joined_at
        and order_lines.effective_at < invitations.joined_at + interval 720 hour
    where invitations.is_joined
    group by invitations.invite_id, invitations.joined_at, known.watermark_order_at
),

recharges as (
    select
        count(case when is_over then 1 end) as invitees,
        count(case when is_over then amount end) as recharging,
        coalesce(sum(case when is_over then amount end), 0) as amount,
        case when count(*) = 0 then 'no_joined_invites' else 'not_mature' end as none
    from recharged
),

tiered as (
    select
        tiers.member_id,
        sum(case when order_lines.effective_at >= tiers.tier_since
            and order_lines.effective_at < tiers.tier_since + interval 720 hour
            then order_lines.amount end) as after_amount,
        sum(case when order_lines.effective_at < tiers.tier_since
            and order_lines.effective_at >= tiers.tier_since - interval 720 hour
            then order_lines.amount end) as before_amount
    from tiers
    cross join known
    cross join covered
    join roles on tiers.member_id = roles.member_id and roles.is_counted
    left join orders on tiers.member_id = orders.member_id
    left join order_lines
        on orders.order_id = order_lines.order_id and order_lines.is_revenue
    where tiers.tier is not null
        and tiers.tier_since + interval 720 hour <= known.report_order_at
        and tiers.tier_since - interval 720 hour >= covered.first_at
    group by tiers.member_id
),

spends as (
    select
        count(*) as members,
        coalesce(sum(after_amount), 0) as after_amount,
        coalesce(sum(before_amount), 0) as before_amount
    from tiered
),

listed as (
    select
        count(case when kind = 'vip' then 1 end) as vips,
        count(case when kind = 'vip' and tier is not null then 1 end) as vips_with_tier,
        count(case when kind = 'freeloader' then 1 end) as freeloaders
    from candidates
),

settled as (
    select count(*) as members
    from community_stays
    join known
        on community_stays.joined_at <= known.report_at - known.freeloader_days * interval 24 hour
        and (community_stays.left_at is null or community_stays.left_at >= known.report_at)
),

measures as (
    select 'M75' as concept_id, 'referrer_share' as measure, '90d' as period,
        cast(part as double) as part, cast(whole as double) as whole,
        coalesce(no_orders, no_invites, no_window) as missing, 'no_buyers' as none
    from referrers cross join known
    union all
    select 'M77', 'referred_recharge_per_invitee', '30d', cast(amount as double),
        cast(invitees as double), coalesce(no_orders, no_invites, no_recharges), none
    from recharges cross join known
    union all
    select 'M77', 'referred_recharge_share', '30d', cast(recharging as double),
        cast(invitees as double), coalesce(no_orders, no_invites, no_recharges), none
    from recharges cross join known
    union all
    select 'M82', 'vip_tier_share', '90d', cast(vips_with_tier as double), cast(vips as double),
        coalesce(no_orders, no_window, no_tiers), 'no_candidates'
    from listed cross join known
    union all
    select 'M82', 'vip_spend_30d_after_tier', '30d', cast(after_amount as double),
        cast(members as double), coalesce(no_orders, no_tier_dates), 'not_mature'
    from spends cross join known
    union all
    select 'M82', 'vip_spend_30d_before_tier', '30d', cast(before_amount as double),
        cast(members as double), coalesce(no_orders, no_tier_dates), 'not_mature'
    from spends cross join known
    union all
    select 'M83', 'freeloader_share', 'at_report', cast(freeloaders as double),
        cast(members as double), coalesce(no_orders, no_takings), 'no_members'
    from listed cross join settled cross join known
)

select
    concept_id, -- concept
    measure, -- what is measured
    'community' as subject_kind, -- community
    'all' as subject, -- all
    period, -- 90d, 30d or at_report
    case when missing is null then part / nullif(whole, 0) end as value, -- the number
    case when missing is null then part end as numerator, -- what is counted
    case when missing is null then whole end as denominator, -- of what
    case when missing is not null then missing when coalesce(whole, 0) = 0 then none end
        as reason -- why there is no value
from measures
