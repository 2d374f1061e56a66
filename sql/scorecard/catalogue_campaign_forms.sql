-- One row per form of campaign and measure: what teams, invites and coupons bring.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M57 = starters, helpers_per_starter, completed_share
-- concept: M57 = new_members_per_starter, cost_per_new_member
-- concept: M57 = coupon_claimed_share, coupon_redeemed_share
-- concept: M60 = campaign_uplift
-- Sums over all campaigns of a form; teams without a campaign are group_buy. Coupons: claimed of
-- issued, redeemed of claimed. Uplift needs a control: not measurable.
with

campaigns as (select * from revenue.campaigns),

teams as (select * from revenue.teams),

gifts as (select * from core.gifts),

settings as (select * from core.settings),

forms as (
    select unnest(['group_buy', 'assist', 'give', 'bargain', 'coupon', 'contest']) as form
),

parts as (
    select campaign_type as form, starters, helpers, teams, teams_completed, new_members,
        total_cost as cost
    from campaigns
    where campaign_id is not null
    union all
    select
        'group_buy' as form,
        count(distinct starter_id) as starters,
        sum(case when starter_id is not null then helpers else 0 end) as helpers,
        count(case when is_over then 1 end) as teams,
        count(case when is_over and is_completed then 1 end) as teams_completed,
        0 as new_members,
        0 as cost
    from teams
    where campaign_id is null
    having count(*) > 0
),

sums as (
    select
        forms.form,
        cast(sum(parts.starters) as double) as starters,
        cast(sum(parts.helpers) as double) as helpers,
        cast(sum(parts.teams) as double) as teams,
        cast(sum(parts.teams_completed) as double) as teams_completed,
        cast(sum(parts.new_members) as double) as new_members,
        cast(sum(parts.cost) as double) as cost
    from forms
    left join parts on forms.form = parts.form
    group by forms.form
),

coupons as (
    select
        cast(count(*) as double) as issued,
        cast(case when count(claimed_at) > 0
            then count(case when claimed_at < report_at then 1 end) end as double) as claimed,
        cast(case when count(redeemed_at) > 0
            then count(case when claimed_at < report_at and redeemed_at < report_at then 1 end) end
            as double) as redeemed,
        count(claimed_at) > 0 or count(*) = 0 as has_claims
    from gifts
    cross join settings
    where gift_kind = 'coupon' and coalesce(issued_at, claimed_at) < report_at
),

told as (
    select 'M57' as concept_id, 'starters' as measure, 'campaign_type' as subject_kind,
        form as subject, starters as numerator, cast(1 as double) as denominator,
        'no_campaign_of_form' as reason
    from sums
    union all
    select 'M57', 'helpers_per_starter', 'campaign_type', form, helpers, starters, 'no_starters'
    from sums
    union all
    select 'M57', 'completed_share', 'campaign_type', form, teams_completed, teams, 'no_teams'
    from sums
    union all
    select 'M57', 'new_members_per_starter', 'campaign_type', form, new_members, starters,
        'no_starters'
    from sums
    union all
    select 'M57', 'cost_per_new_member', 'campaign_type', form, cost, new_members, 'no_new_members'
    from sums
    union all
    select 'M57', 'coupon_claimed_share', 'community', 'all', claimed, issued,
        case when has_claims then 'no_coupons' else 'no_claims' end
    from coupons
    union all
    select 'M57', 'coupon_redeemed_share', 'community', 'all', redeemed, claimed,
        case when issued = 0 then 'no_coupons' when not has_claims then 'no_claims'
            when redeemed is null then 'no_redemptions' else 'no_coupons' end
    from coupons
    union all
    select 'M60', 'campaign_uplift', 'community', 'all', cast(null as double),
        cast(null as double), 'not_measurable'
    from settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- campaign_type or community
    subject, -- form, or all
    'all' as period, -- all: everything up to the report
    case when denominator > 0 then numerator / denominator end as value, -- the number
    numerator, -- what is counted
    denominator, -- of what; 1 for a count
    case when numerator is null or coalesce(denominator, 0) = 0 then reason end
        as reason -- why there is no value
from told
