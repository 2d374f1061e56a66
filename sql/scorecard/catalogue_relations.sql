-- One row per measure of how close members are: relation tiers, shared taste, lost contact.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M81 = relation_tier_share, relation_tier_step
-- concept: M92 = top_category_share
-- concept: M94 = lost_contact_rate
-- As of R of joins and activity (M81), of joins and orders (M92, M94); steps per complete month.
with

tiers as (select * from retention.relation_tiers),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

products as (select * from core.products),

community_stays as (select * from core.community_stays),

windows as (select * from core.report_windows),

settings as (select * from core.settings),

exported as (select * from core.exported),

calendar as (select * from core.calendar),

first_days as (select min(day) as first_day from calendar where is_order_covered),

-- Uncovered order days among the 365 of the buyers; days before the first export are none.
year_holes as (
    select count(case when not calendar.is_order_covered then 1 end) as days
    from windows
    cross join first_days
    join calendar
        on calendar.day >= greatest(windows.first_day, first_days.first_day)
        and calendar.day <= windows.last_day
    where windows.kind = 'order' and windows.days = 365
),

names as (
    select
        unnest(['none', 'messaged', 'replied_to', 'bought', 'repeat', 'referred']) as tier_name
),

tiers_now as (
    select tier_name, count(*) as members, sum(count(*)) over () as all_members
    from tiers
    where month_start is null
    group by tier_name
),

totals as (select sum(members) as all_members from tiers_now),

steps as (
    select
        later.month_start,
        earlier.tier_name as from_name,
        later.tier_name as to_name,
        count(*) as members
    from tiers as later
    join tiers as earlier
        on later.member_id = earlier.member_id
        and earlier.month_start = cast(later.month_start - interval 1 month as date)
    group by later.month_start, earlier.tier_name, later.tier_name
),

-- Without two complete months there is one row that says so.
step_months as (select count(distinct month_start) as months from steps),

category_orders as (
    select distinct orders.group_id, orders.order_id, products.category
    from orders
    join windows
        on windows.kind = 'order'
        and windows.days = 90
        and orders.paid_day >= windows.first_day
        and orders.paid_day <= windows.last_day
    join order_lines on orders.order_id = order_lines.order_id and not order_lines.is_refund
    join products on order_lines.product_id = products.product_id
    where orders.is_paid
        and orders.is_counted
        and orders.buyer_kind = 'group'
        and products.category is not null
),

group_orders as (
    select group_id, count(distinct order_id) as orders from category_orders group by group_id
),

top_categories as (
    select group_id, category, count(*) as orders
    from category_orders
    group by group_id, category
    qualify row_number() over (partition by group_id order by count(*) desc, category) = 1
),

buyers as (
    select
        orders.member_id,
        max(orders.paid_day) as last_day
    from orders
    join windows
        on windows.kind = 'order'
        and windows.days = 365
        and orders.paid_day >= windows.first_day
        and orders.paid_day <= windows.last_day
    where orders.is_paid and orders.is_counted
    group by orders.member_id
),

present as (
    select community_stays.member_id
    from community_stays
    join windows
        on windows.kind = 'order'
        and windows.days = 90
        and community_stays.joined_at < windows.report_at
        and (community_stays.left_at is null or community_stays.left_at >= windows.report_at)
),

lost as (
    select
        count(case when present.member_id is null and buyers.last_day < windows.first_day
            then 1 end) as lost,
        count(*) as buyers
    from buyers
    join windows on windows.kind = 'order' and windows.days = 90
    left join present on buyers.member_id = present.member_id
),

measures as (
    select 'M81' as concept_id, 'relation_tier_share' as measure, 'tier' as subject_kind,
        names.tier_name as subject, 'at_report' as period,
        cast(coalesce(tiers_now.members, 0) as double) as part,
        cast(totals.all_members as double) as whole, 'activity' as kind
    from names
    cross join totals
    left join tiers_now on names.tier_name = tiers_now.tier_name
    union all
    select 'M81', 'relation_tier_step', 'tier_step', from_name || '>' || to_name,
        cast(month_start as varchar), cast(members as double),
        cast(sum(members) over (partition by month_start, from_name) as double), 'activity'
    from steps
    union all
    select 'M81', 'relation_tier_step', 'tier_step', 'all', 'all', null, null, 'activity'
    from step_months
    where months = 0
    union all
    select 'M92', 'top_category_share', 'group', group_orders.group_id, '90d',
        cast(top_categories.orders as double), cast(group_orders.orders as double), 'order'
    from group_orders
    join top_categories on group_orders.group_id = top_categories.group_id
    union all
    select 'M92', 'top_category_share', 'community', 'all', '90d',
        cast(sum(top_categories.orders) as double), cast(sum(group_orders.orders) as double),
        'order'
    from group_orders
    join top_categories on group_orders.group_id = top_categories.group_id
    union all
    select 'M94', 'lost_contact_rate', 'community', 'all', '90d', cast(lost as double),
        cast(buyers as double), 'order'
    from lost
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_join_at is null then 'no_join_export'
            when measures.kind = 'order' and settings.watermark_order_at is null
                then 'no_order_export'
            when settings.watermark_activity_at is null then 'no_activity_export'
            when measures.concept_id = 'M92' and not exported.has_categories then 'no_categories'
            when measures.kind = 'order' and not coalesce(windows.is_covered, false)
                then 'not_covered'
            when measures.concept_id = 'M94' and year_holes.days > 0 then 'not_covered'
            when measures.measure = 'relation_tier_step' and measures.subject = 'all'
                then 'not_mature'
            when coalesce(measures.whole, 0) > 0 then null
            when measures.concept_id = 'M94' then 'no_buyers'
            when measures.concept_id = 'M92' then 'no_paid_orders'
            else 'no_members'
        end as reason
    from measures
    cross join settings
    cross join exported
    cross join year_holes
    left join windows on measures.kind = windows.kind and windows.days = 90
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, group, tier or tier_step
    subject, -- all, the group, the tier, or from>to
    period, -- at_report, days before R, or the first day of the month
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of how many
    reason -- why there is no value
from judged
