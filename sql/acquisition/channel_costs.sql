-- One row per week, channel and scene with a cost of winning members.
-- grain: cohort_week, channel, scene
-- Lead gifts fall on the row of the cohort member who got them. Other lead gifts and the spend of
-- campaigns, even over their days, fall on week and channel, and on its scenes by new members; the
-- differences of running sums, rounded to cents, add up to the whole.
with

joiners as (select * from acquisition.channel_joiners),

gifts as (select * from core.gifts),

campaigns as (select * from core.campaigns),

calendar as (select * from core.calendar),

lead_gifts as (
    select gifts.*, joiners.cohort_week, joiners.channel, joiners.scene
    from gifts
    left join joiners on gifts.member_id = joiners.member_id
    where gifts.gift_kind = 'lead' and gifts.unit_cost is not null
),

campaign_channels as (
    select campaign_id, min(channel) as channel from campaigns group by campaign_id
),

other_gifts as (
    select
        calendar.week_start,
        coalesce(campaign_channels.channel, 'unknown') as channel,
        lead_gifts.unit_cost as cost
    from lead_gifts
    join calendar
        on lead_gifts.issued_at >= calendar.day_start_at
        and lead_gifts.issued_at < calendar.day_end_at
    left join campaign_channels on lead_gifts.campaign_id = campaign_channels.campaign_id
    where lead_gifts.cohort_week is null
),

campaign_weeks as (
    select
        campaigns.campaign_id,
        campaigns.wave_number,
        coalesce(campaigns.channel, 'unknown') as channel,
        campaigns.spend,
        ceil(date_diff('microsecond', campaigns.starts_at, campaigns.ends_at) / 86400000000.0)
            as whole_days,
        calendar.week_start,
        count(*) as days
    from campaigns
    join calendar
        on campaigns.starts_at < calendar.day_end_at
        and (campaigns.ends_at > calendar.day_start_at or campaigns.starts_at
            >= calendar.day_start_at)
        and (campaigns.ends_at is not null or campaigns.starts_at >= calendar.day_start_at)
    where campaigns.spend is not null
    group by campaigns.campaign_id, campaigns.wave_number, campaigns.channel, campaigns.spend,
        campaigns.starts_at, campaigns.ends_at, calendar.week_start
),

-- Days outside the calendar have their part of the spend too.
campaign_shares as (
    select
        week_start,
        channel,
        cast(spend as double) as spend,
        sum(days) over (partition by campaign_id, wave_number order by week_start
            rows between unbounded preceding and current row) as days_to_end,
        days,
        greatest(sum(days) over (partition by campaign_id, wave_number), coalesce(whole_days, 1))
            as all_days
    from campaign_weeks
),

pools as (
    select week_start, channel, cast(cost as double) as cost from other_gifts
    union all
    select
        week_start,
        channel,
        round(spend * days_to_end / all_days, 2)
            - round(spend * (days_to_end - days) / all_days, 2) as cost
    from campaign_shares
),

pooled as (
    select week_start, channel, sum(cost) as cost from pools group by week_start, channel
),

scenes as (
    select
        cohort_week,
        channel,
        scene,
        count(*) as members,
        sum(count(*)) over (partition by cohort_week, channel order by scene
            rows between unbounded preceding and current row) as members_to_end,
        sum(count(*)) over (partition by cohort_week, channel) as all_members
    from joiners
    group by cohort_week, channel, scene
),

parts as (
    select cohort_week, channel, scene, cast(unit_cost as decimal(18, 2)) as cost
    from lead_gifts
    where cohort_week is not null
    union all
    select
        pooled.week_start as cohort_week,
        pooled.channel,
        coalesce(scenes.scene, 'unknown') as scene,
        cast(case when scenes.scene is null then round(pooled.cost, 2)
            else round(pooled.cost * scenes.members_to_end / scenes.all_members, 2)
                - round(pooled.cost * (scenes.members_to_end - scenes.members)
                    / scenes.all_members, 2)
        end as decimal(18, 2)) as cost
    from pooled
    left join scenes
        on pooled.week_start = scenes.cohort_week
        and pooled.channel = scenes.channel
)

select
    cohort_week, -- week of the first join, or of the cost
    channel, -- where members come from
    scene, -- how they come in
    cast(sum(cost) as decimal(18, 2)) as cost -- lead gifts and spend of campaigns
from parts
group by cohort_week, channel, scene
