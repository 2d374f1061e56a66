-- One row per campaign and group: were more people than usual talking in the 72 hours before it?
-- grain: campaign_id, group_id
-- posters and expected as in activation.lever_posts, over the 72 hours up to the hour of the start
-- of the first wave; group_id is NULL with a reason where no group can be measured.
with

campaigns as (select * from core.campaigns),

levels as (select * from activation.lever_levels),

profiles as (select * from activation.lever_profiles),

hours as (select * from activation.lever_hours),

days as (select * from activation.lever_days),

clock as (select * from activation.clock_hours),

stays as (select * from core.stays),

orders as (select * from core.orders),

settings as (select * from core.settings),

starts as (
    select
        campaign_id,
        date_trunc('hour', min(starts_at)) as start_at,
        min(starts_at) as starts_at,
        min(ends_at) as ends_at
    from campaigns
    where starts_at is not null
    group by campaign_id
),

window_hours as (
    select starts.campaign_id, starts.start_at, clock.hour_at, clock.day_number,
        clock.hour_of_week
    from starts
    join clock
        on clock.hour_at >= starts.start_at - interval 72 hour
        and clock.hour_at < starts.start_at
),

first_hours as (
    select campaign_id, min(day_number) as day_number
    from window_hours
    group by campaign_id
),

-- Groups whose 72 hours are all known and have a profile, and that have a level before them.
measured as (
    select
        window_hours.campaign_id,
        days.group_id,
        sum(coalesce(hours.posters, 0)) as posters,
        -- Rounded by the same steps on every engine, and exact to add up in any order.
        sum(cast(
            floor(levels.level * cast(profiles.usual_posters as double) * 1e12 + 0.5) / 1e12
            as decimal(30, 12)
        )) as expected
    from window_hours
    join days on window_hours.day_number = days.day_number
    join first_hours on window_hours.campaign_id = first_hours.campaign_id
    join levels
        on days.group_id = levels.group_id and first_hours.day_number = levels.day_number
    join profiles
        on days.group_type = profiles.group_type
        and window_hours.hour_of_week = profiles.hour_of_week
    left join hours
        on days.group_id = hours.group_id and window_hours.hour_at = hours.hour_at
    where levels.days_before >= 14 and levels.level is not null
    group by window_hours.campaign_id, days.group_id
    having count(profiles.usual_posters) = 72
),

present as (
    select measured.campaign_id, measured.group_id, count(*) as members
    from measured
    join starts on measured.campaign_id = starts.campaign_id
    join stays
        on measured.group_id = stays.group_id
        and stays.joined_at <= starts.starts_at
        and (stays.left_at is null or stays.left_at > starts.starts_at)
    group by measured.campaign_id, measured.group_id
),

buyers as (
    select measured.campaign_id, measured.group_id, count(distinct orders.member_id) as buyers
    from measured
    join starts on measured.campaign_id = starts.campaign_id
    join stays
        on measured.group_id = stays.group_id
        and stays.joined_at <= starts.starts_at
        and (stays.left_at is null or stays.left_at > starts.starts_at)
    join orders
        on stays.group_id = orders.group_id
        and stays.member_id = orders.member_id
        and orders.is_paid
        and orders.paid_at >= starts.starts_at
        and orders.paid_at < starts.ends_at
    group by measured.campaign_id, measured.group_id
)

select
    starts.campaign_id, -- campaign
    measured.group_id, -- group
    cast(measured.posters as bigint) as posters, -- posters of the 72 hours, added up
    measured.expected, -- expected, added up; a decimal, so that sums do not depend on their order
    cast(measured.posters as double) > cast(measured.expected as double)
        as is_preheated, -- whether more than expected
    case when starts.ends_at <= settings.watermark_order_at then coalesce(present.members, 0) end
        as members, -- members at the start; NULL until the campaign is over
    case when starts.ends_at <= settings.watermark_order_at then coalesce(buyers.buyers, 0) end
        as buyers, -- of them, who paid an order of the group during the campaign
    case
        when settings.watermark_message_at is null then 'no_message_export'
        when starts.start_at > settings.report_message_at then 'not_mature'
        when measured.group_id is null then 'not_covered'
    end as reason -- why nothing is measured
from starts
cross join settings
left join measured on starts.campaign_id = measured.campaign_id
left join present
    on measured.campaign_id = present.campaign_id and measured.group_id = present.group_id
left join buyers
    on measured.campaign_id = buyers.campaign_id and measured.group_id = buyers.group_id
