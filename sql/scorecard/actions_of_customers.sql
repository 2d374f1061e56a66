-- One row per week and good customer with a rhythm: is it time to write to them?
-- grain: week_start, action, subject
-- Known buyers with three purchase days or more by the week's end; due are those with net revenue
-- of the best quarter by rank. Silence counts from the last purchase day.
with

member_days as (select * from core.member_days),

action_weeks as (select * from scorecard.action_weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

stays as (select * from core.stays),

groups as (select * from core.groups),

money_days as (
    select
        member_days.member_id,
        calendar.day_number,
        sum(member_days.paid_orders) > 0 as is_purchase,
        sum(member_days.net_revenue) as net_revenue
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.paid_orders > 0 or member_days.net_revenue <> 0
    group by member_days.member_id, calendar.day_number
),

gaps as (
    select
        money_days.*,
        case when is_purchase then day_number - lag(day_number) over (
            partition by member_id, is_purchase order by day_number
        ) end as gap
    from money_days
),

rhythms as (
    select
        action_weeks.week_start,
        action_weeks.week_end_at,
        gaps.member_id,
        count(case when gaps.is_purchase then 1 end) as purchase_days,
        median(gaps.gap) as median_gap,
        max(action_weeks.end_number) - 1
            - max(case when gaps.is_purchase then gaps.day_number end) as silent_days,
        sum(gaps.net_revenue) as net_revenue
    from action_weeks
    join gaps on gaps.day_number < action_weeks.end_number
    where action_weeks.has_orders
    group by action_weeks.week_start, action_weeks.week_end_at, gaps.member_id
),

placed as (
    select
        rhythms.*,
        cume_dist() over (partition by week_start order by net_revenue) as net_place
    from rhythms
    where purchase_days > 0
),

good as (
    select
        placed.*,
        net_place >= settings.recall_net_percentile as is_good,
        'p' || cast(cast(100.0 * settings.recall_net_percentile as integer) as varchar)
            as percentile
    from placed
    cross join settings
    where purchase_days >= 3
),

homes as (
    select good.week_start, good.member_id, groups.owner_id
    from good
    join stays on good.member_id = stays.member_id
        and stays.joined_at < good.week_end_at
        and (stays.left_at is null or stays.left_at >= good.week_end_at)
    join groups on stays.group_id = groups.group_id
    qualify row_number() over (
        partition by good.week_start, good.member_id
        order by stays.joined_at desc, stays.group_id
    ) = 1
),

written as (
    select
        good.*,
        cast(silent_days as varchar) as silence,
        cast(cast(median_gap as decimal(9, 1)) as varchar) as usual,
        cast(cast(net_revenue as decimal(18, 2)) as varchar)
            || case when is_good then '' else ', below ' || percentile end as net,
        cast(cast(net_revenue as decimal(18, 2)) as varchar)
            || case when is_good then '' else '，低于 ' || percentile end as net_zh
    from good
)

select
    written.week_start, -- week at whose end it is judged
    'recall_buyer' as action, -- recall_buyer
    'member' as subject_kind, -- member
    written.member_id as subject, -- buyer
    written.member_id as subject_name, -- their id: names are not kept
    homes.owner_id, -- owner of the group joined last, of those they are in
    written.is_good and written.silent_days > settings.recall_gap_factor * written.median_gap
        as is_due, -- whether they have been silent for long
    cast(written.silent_days as double) as value, -- days since the last purchase day
    written.median_gap as base, -- median days between purchase days
    written.silence || ' days since the last purchase, usually ' || written.usual || '; net '
        || written.net as evidence, -- the numbers in words
    '距上次购买 ' || written.silence || ' 天，平时 ' || written.usual || ' 天；净销售额 '
        || written.net_zh as evidence_zh -- the same in Chinese
from written
cross join settings
left join homes on written.week_start = homes.week_start
    and written.member_id = homes.member_id
