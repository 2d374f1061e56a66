-- One row per measure of launched products and of the days before a campaign.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M97 = buyers_72h_rate, orders_before_sale_share
-- concept: M100 = preheat_ratio, conversion_preheated, conversion_other
-- Products with launched_at; campaigns with starts_at. Windows are over and covered at R.
with

products as (select * from core.products),

posts as (select * from activation.posts),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

stays as (select * from core.stays),

preheats as (select * from activation.preheats),

settings as (select * from core.settings),

exported as (select * from core.exported),

sold as (
    select orders.order_id, orders.member_id, orders.paid_at, order_lines.product_id
    from orders
    join order_lines on orders.order_id = order_lines.order_id
    where orders.is_paid
        and order_lines.is_revenue
        and not order_lines.is_refund
        and order_lines.product_id is not null
    group by orders.order_id, orders.member_id, orders.paid_at, order_lines.product_id
),

launches as (
    select products.product_id, products.on_sale_at, min(posts.occurred_at) as posted_at
    from products
    left join posts
        on products.product_id = posts.product_id
        and posts.author_role <> 'member'
        and posts.occurred_at >= products.launched_at
    where products.launched_at is not null
    group by products.product_id, products.on_sale_at
),

present as (
    select launches.product_id, stays.member_id
    from launches
    join stays
        on stays.joined_at <= launches.posted_at
        and (stays.left_at is null or stays.left_at > launches.posted_at)
    group by launches.product_id, stays.member_id
),

takers as (
    select launches.product_id, sold.member_id
    from launches
    join sold
        on launches.product_id = sold.product_id
        and sold.paid_at >= launches.posted_at
        and sold.paid_at < launches.posted_at + interval 72 hour
    group by launches.product_id, sold.member_id
),

reach as (
    select present.product_id, count(*) as members, count(takers.member_id) as buyers
    from present
    left join takers
        on present.product_id = takers.product_id and present.member_id = takers.member_id
    group by present.product_id
),

early as (
    select
        launches.product_id,
        count(sold.order_id) as orders,
        count(case when sold.paid_at < launches.on_sale_at then 1 end) as before_sale
    from launches
    left join sold on launches.product_id = sold.product_id
    group by launches.product_id
),

heats as (
    select
        campaign_id,
        min(reason) as reason,
        count(members) as groups_known,
        sum(posters) as posters,
        cast(sum(expected) as double) as expected,
        sum(case when is_preheated then buyers end) as hot_buyers,
        sum(case when is_preheated then members end) as hot_members,
        sum(case when not is_preheated then buyers end) as other_buyers,
        sum(case when not is_preheated then members end) as other_members
    from preheats
    group by campaign_id
),

heats_over as (
    select
        heats.*,
        case
            when reason is not null then reason
            when settings.watermark_order_at is null then 'no_order_export'
            when groups_known = 0 then 'not_mature'
        end as order_reason
    from heats
    cross join settings
),

measures as (
    select 'M97' as concept_id, 'buyers_72h_rate' as measure, 'product' as subject_kind,
        launches.product_id as subject, cast(reach.buyers as double) as part,
        cast(reach.members as double) as whole,
        case
            when settings.watermark_message_at is null then 'no_message_export'
            when settings.watermark_order_at is null then 'no_order_export'
            when launches.posted_at is null then 'no_posts'
            when launches.posted_at + interval 72 hour > settings.report_activity_at
                then 'not_mature'
        end as missing
    from launches
    cross join settings
    left join reach on launches.product_id = reach.product_id
    union all
    select 'M97', 'orders_before_sale_share', 'product', launches.product_id,
        cast(early.before_sale as double), cast(early.orders as double),
        case
            when settings.watermark_order_at is null then 'no_order_export'
            when launches.on_sale_at is null then 'no_sale_start'
            when launches.on_sale_at > settings.watermark_order_at then 'not_mature'
        end
    from launches
    cross join settings
    join early on launches.product_id = early.product_id
    union all
    select 'M97', 'buyers_72h_rate', 'product', 'all', null, null, 'no_launches'
    from exported
    where not has_launches
    union all
    select 'M97', 'orders_before_sale_share', 'product', 'all', null, null, 'no_launches'
    from exported
    where not has_launches
    union all
    select 'M100', 'preheat_ratio', 'campaign', campaign_id, cast(posters as double), expected,
        reason
    from heats
    union all
    select 'M100', 'conversion_preheated', 'campaign', campaign_id, cast(hot_buyers as double),
        cast(hot_members as double), order_reason
    from heats_over
    union all
    select 'M100', 'conversion_other', 'campaign', campaign_id, cast(other_buyers as double),
        cast(other_members as double), order_reason
    from heats_over
    union all
    select 'M100', unnest(['preheat_ratio', 'conversion_preheated', 'conversion_other']),
        'campaign', 'all', null, null, 'no_campaigns'
    from exported
    where not has_campaigns
),

judged as (
    select
        measures.*,
        case
            when missing is not null then missing
            when coalesce(whole, 0) = 0 then case concept_id
                when 'M97' then 'no_paid_orders' else 'no_groups' end
        end as reason
    from measures
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- product or campaign
    subject, -- the product or campaign; all where there is none
    'all' as period, -- all that is known
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of what, or against what
    reason -- why there is no value
from judged
