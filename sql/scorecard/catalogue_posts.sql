-- One row per measure of what is bought after a post: of its product, in its group, soon after.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M27 = product_orders_24h
-- concept: M32 = mini_program_orders_24h
-- concept: M34 = testimonial_lift
-- concept: M66 = orders_2h_share
-- Orders are paid orders of a group. Windows are half-open from the post on and over at R of
-- activity; 90d looks at the 90 days before it.
with

posts as (select * from activation.posts),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

settings as (select * from core.settings),

exported as (select * from core.exported),

calendar as (select * from core.calendar),

covered as (select * from core.source_coverage),

-- Days that the exports lack in the 90 days before R.
holes as (
    select
        count(case when not calendar.is_activity_covered then 1 end) as missed_days,
        count(*) as days
    from settings
    join calendar
        on calendar.day_end_at <= settings.report_activity_at
        and calendar.day_start_at > settings.report_activity_at - interval 2170 hour
),

history as (
    select min(calendar.day_start_at) as start_at
    from covered
    join calendar on covered.day = calendar.day
    where covered.event_kind = 'order'
),

group_orders as (
    select order_id, group_id, member_id, paid_at, is_first_purchase
    from orders
    where is_paid and group_id is not null
),

sold as (
    select group_orders.order_id, group_orders.group_id, group_orders.paid_at,
        order_lines.product_id
    from group_orders
    join order_lines on group_orders.order_id = order_lines.order_id
    where order_lines.product_id is not null
        and order_lines.is_revenue
        and not order_lines.is_refund
    group by group_orders.order_id, group_orders.group_id, group_orders.paid_at,
        order_lines.product_id
),

recent as (
    select posts.*
    from posts
    cross join settings
    where posts.occurred_at >= settings.report_activity_at - interval 2160 hour
        and posts.occurred_at + interval 24 hour <= settings.report_activity_at
        and posts.author_role <> 'member'
),

-- The first post of a product in a group and day, by staff or a KOL.
product_posts as (
    select *
    from recent
    where product_id is not null
    qualify row_number() over (
        partition by group_id, product_id, day order by occurred_at, event_key
    ) = 1
),

product_orders as (
    select count(*) as orders
    from product_posts
    join sold
        on product_posts.group_id = sold.group_id
        and product_posts.product_id = sold.product_id
        and sold.paid_at >= product_posts.occurred_at
        and sold.paid_at < product_posts.occurred_at + interval 24 hour
),

product_members as (select sum(members) as members from product_posts),

mini_posts as (
    select *
    from recent
    where lever = 'mini_program'
    qualify row_number() over (
        partition by group_id, day order by occurred_at, event_key
    ) = 1
),

mini_orders as (
    select count(*) as orders
    from mini_posts
    join group_orders
        on mini_posts.group_id = group_orders.group_id
        and group_orders.paid_at >= mini_posts.occurred_at
        and group_orders.paid_at < mini_posts.occurred_at + interval 24 hour
),

mini_members as (select sum(members) as members from mini_posts),

recent_orders as (
    select group_orders.*
    from group_orders
    cross join settings
    where group_orders.paid_at >= settings.report_activity_at - interval 2160 hour
        and group_orders.paid_at < settings.report_activity_at
),

prompted as (
    select count(distinct recent_orders.order_id) as orders
    from recent_orders
    join sold on recent_orders.order_id = sold.order_id
    join posts
        on sold.group_id = posts.group_id
        and sold.product_id = posts.product_id
        and sold.paid_at >= posts.occurred_at
        and sold.paid_at < posts.occurred_at + interval 2 hour
),

all_recent as (select count(*) as orders from recent_orders),

buyers as (
    select member_id, min(paid_at) as first_paid_at
    from orders
    where is_paid and member_id is not null
    group by member_id
),

-- Testimonials of buyers, the first of a group and day, where a first order can be called first.
testimonials as (
    select posts.group_id, posts.occurred_at
    from posts
    join buyers on posts.member_id = buyers.member_id and buyers.first_paid_at < posts.occurred_at
    cross join settings
    cross join history
    where posts.topic = 'testimonial'
        and posts.occurred_at + interval 72 hour <= settings.report_activity_at
        and posts.occurred_at - interval 672 hour
            >= history.start_at + settings.order_history_days * interval 24 hour
    qualify row_number() over (
        partition by posts.group_id, posts.day order by posts.occurred_at, posts.event_key
    ) = 1
),

first_orders as (
    select member_id, group_id, min(paid_at) as paid_at
    from group_orders
    where is_first_purchase and member_id is not null
    group by member_id, group_id
),

swayed as (
    select
        count(case when first_orders.paid_at >= testimonials.occurred_at then 1 end) as after_it,
        count(case when first_orders.paid_at < testimonials.occurred_at then 1 end) as before_it
    from testimonials
    join first_orders
        on testimonials.group_id = first_orders.group_id
        and first_orders.paid_at >= testimonials.occurred_at - interval 672 hour
        and first_orders.paid_at < testimonials.occurred_at + interval 72 hour
),

measures as (
    select 'M27' as concept_id, 'product_orders_24h' as measure, '90d' as period,
        cast(product_orders.orders as double) as part,
        cast(product_members.members as double) as whole,
        case when not exported.has_product_posts then 'no_product_posts'
            when not exported.has_order_products then 'no_order_products' end as missing,
        'no_product_posts' as empty_reason
    from product_orders
    cross join product_members
    cross join exported
    union all
    select 'M32', 'mini_program_orders_24h', '90d', mini_orders.orders, mini_members.members,
        case when not exported.has_mini_programs then 'no_mini_programs' end, 'no_mini_programs'
    from mini_orders
    cross join mini_members
    cross join exported
    union all
    select 'M66', 'orders_2h_share', '90d', prompted.orders, all_recent.orders,
        case when not exported.has_product_posts then 'no_product_posts'
            when not exported.has_order_products then 'no_order_products' end, 'no_paid_orders'
    from prompted
    cross join all_recent
    cross join exported
    union all
    select 'M34', 'testimonial_lift', 'all', swayed.after_it, swayed.before_it * 72.0 / 672,
        case when not exported.has_topics then 'no_topics' end, 'no_first_orders_before'
    from swayed
    cross join exported
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_message_at is null then 'no_message_export'
            when settings.watermark_order_at is null then 'no_order_export'
            when missing is not null then missing
            when settings.report_activity_at is null then 'incomplete_week'
            when period = '90d' and (holes.missed_days > 0 or holes.days < 90) then 'not_covered'
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
    cross join holes
)

select
    concept_id, -- concept
    measure, -- what is measured
    'community' as subject_kind, -- the community
    'all' as subject, -- all of it
    period, -- days before R of activity, or all that is known
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of what, or against what
    reason -- why there is no value
from judged
