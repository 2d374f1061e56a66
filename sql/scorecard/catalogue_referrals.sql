-- One row per measure of what invitations bring and cost, for all and per campaign.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M67 = campaign_k_factor, campaign_fission_multiple
-- concept: M70 = cost_per_joined, cost_per_kept_30d, cost_per_buyer
-- concept: M71 = abuse_rate, left_within_48h_rate, self_invite_rate, paid_twice_rate
-- Invitations by counted members, the whole export. K of a campaign: joined within 168 h / members
-- active from its start to its end (of sending, where not exported); campaigns pooled for all.
with

invitations as (select * from referral.invitations),

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

campaigns as (select * from core.campaigns),

settings as (select * from core.settings),

exported as (select * from core.exported),

runs as (
    select campaign_id, min(starts_at) as starts_at, max(ends_at) as ends_at
    from campaigns
    group by campaign_id
),

run_days as (
    select
        runs.campaign_id,
        max(case when runs.starts_at >= calendar.day_start_at
            and runs.starts_at < calendar.day_end_at then calendar.day end) as first_day,
        max(case when runs.ends_at > calendar.day_start_at
            and runs.ends_at <= calendar.day_end_at then calendar.day end) as last_day
    from runs
    cross join calendar
    group by runs.campaign_id
),

spans as (
    select
        invitations.campaign_id,
        coalesce(max(run_days.first_day), min(invitations.day)) as first_day,
        coalesce(max(run_days.last_day), max(invitations.day)) as last_day,
        max(invitations.invited_at) as last_at,
        count(distinct invitations.inviter_id) as inviters,
        count(case when invitations.is_joined_in_time then 1 end) as joined
    from invitations
    left join run_days on invitations.campaign_id = run_days.campaign_id
    where invitations.campaign_id is not null
    group by invitations.campaign_id
),

holes as (
    select
        spans.campaign_id,
        count(case when not calendar.is_activity_covered then 1 end) as activity_holes
    from spans
    join calendar on calendar.day >= spans.first_day and calendar.day <= spans.last_day
    group by spans.campaign_id
),

actives as (
    select spans.campaign_id, count(distinct member_days.member_id) as active_members
    from spans
    join member_days
        on member_days.day >= spans.first_day
        and member_days.day <= spans.last_day
        and member_days.is_active
    group by spans.campaign_id
),

judged as (
    select
        spans.*,
        coalesce(actives.active_members, 0) as active_members,
        case
            when coalesce(spans.last_at + settings.invite_hours * interval 1 hour
                > least(settings.watermark_invite_at, settings.watermark_join_at), true)
                then 'not_mature'
            when settings.watermark_activity_at is null then 'no_activity_export'
            when coalesce(holes.activity_holes, 1) > 0 then 'activity_not_covered'
        end as missing
    from spans
    cross join settings
    left join holes on spans.campaign_id = holes.campaign_id
    left join actives on spans.campaign_id = actives.campaign_id
),

campaign_parts as (
    select
        'campaign' as subject_kind, campaign_id as subject, joined, active_members, inviters,
        missing
    from judged
    union all
    select
        'community', 'all', sum(joined), sum(active_members), sum(inviters),
        case when count(*) = 0 then 'no_campaigns' end
    from judged
    where missing is null
),

scoped as (
    select 'community' as subject_kind, 'all' as subject, invitations.* from invitations
    union all
    select 'campaign', campaign_id, invitations.* from invitations where campaign_id is not null
),

costs as (
    select
        subject_kind,
        subject,
        sum(case when is_joined then reward_cost end) as joined_cost,
        count(case when is_joined then 1 end) as joined,
        sum(case when is_kept_30d is not null then reward_cost end) as known_cost,
        count(case when is_kept_30d is not null then 1 end) as known,
        count(case when is_kept_30d then 1 end) as kept,
        count(case when is_buyer then 1 end) as buyers,
        count(case when is_rewarded and is_gone_48h is not null then 1 end) as judged,
        count(case when is_rewarded and is_gone_48h is not null
            and (is_gone_48h or outcome = 'self' or is_paid_again) then 1 end) as abused,
        count(case when is_rewarded and is_gone_48h then 1 end) as gone,
        count(case when is_rewarded and outcome = 'self' then 1 end) as selves,
        count(case when is_rewarded and is_gone_48h is not null and is_paid_again then 1 end)
            as paid_again
    from scoped
    group by subject_kind, subject
),

subjects as (
    select 'community' as subject_kind, 'all' as subject
    union
    select subject_kind, subject from costs
),

told as (
    select
        subjects.subject_kind as kind,
        subjects.subject as name,
        costs.*,
        exported.has_reward_costs,
        exported.has_exits,
        exported.has_orders,
        case when not exported.has_reward_times then 'no_reward_times'
            when not exported.has_exits then 'exits_not_exported' end as no_abuse
    from subjects
    cross join exported
    left join costs
        on subjects.subject_kind = costs.subject_kind and subjects.subject = costs.subject
),

measures as (
    select 'M67' as concept_id, 'campaign_k_factor' as measure, subject_kind, subject,
        cast(joined as double) as part, cast(active_members as double) as whole, missing,
        'no_active_members' as none
    from campaign_parts
    union all
    select 'M67', 'campaign_fission_multiple', subject_kind, subject, cast(joined as double),
        cast(inviters as double), case when missing in ('not_mature', 'no_campaigns')
            then missing end, 'no_invites'
    from campaign_parts
    union all
    select 'M70', 'cost_per_joined', kind, name, cast(joined_cost as double),
        cast(joined as double), case when not has_reward_costs then 'no_reward_costs' end,
        'no_joined_invites'
    from told
    union all
    select 'M70', 'cost_per_kept_30d', kind, name, cast(known_cost as double), cast(kept as double),
        case when not has_reward_costs then 'no_reward_costs'
            when not has_exits then 'exits_not_exported'
            when joined > 0 and known = 0 then 'not_mature' end, 'nobody_kept'
    from told
    union all
    select 'M70', 'cost_per_buyer', kind, name, cast(joined_cost as double),
        cast(buyers as double), case when not has_reward_costs then 'no_reward_costs'
            when not has_orders then 'no_order_export' end, 'no_buyers'
    from told
    union all
    select 'M71', 'abuse_rate', kind, name, cast(abused as double), cast(judged as double),
        no_abuse, 'no_rewards' from told
    union all
    select 'M71', 'left_within_48h_rate', kind, name, cast(gone as double), cast(judged as double),
        no_abuse, 'no_rewards' from told
    union all
    select 'M71', 'self_invite_rate', kind, name, cast(selves as double), cast(judged as double),
        no_abuse, 'no_rewards' from told
    union all
    select 'M71', 'paid_twice_rate', kind, name, cast(paid_again as double),
        cast(judged as double), no_abuse, 'no_rewards' from told
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or campaign
    subject, -- all for the community, else the campaign
    'all' as period, -- the whole export
    case when missing is null then part / nullif(whole, 0) end as value, -- the number
    case when missing is null then part end as numerator, -- what is counted or paid
    case when missing is null then whole end as denominator, -- of what
    case when missing is not null then missing
        when coalesce(whole, 0) = 0 then none
        when part is null then 'no_rewards' end as reason -- why there is no value
from measures
