-- Which channels the net amount of orders is credited to: one row per channel, and `none`. model:
-- first, last, linear, or position (40/20/40; one touch 100 %, two 50/50). lookback: interval
-- before the order, inclusive at both ends, or NULL for the whole history. Repeats of one channel
-- in a row are one touch; one without a channel is none. touches: (member_id, channel, touched_at);
-- orders: (order_id, member_id, paid_at, net_revenue), of which is_paid, where there is such a
-- column, says which are paid.
-- Credits are rounded to cents so that they sum to the orders; orders without a touch, or of an
-- unknown buyer, are `none`.
create or replace macro explore.attribution(
    model, lookback, from_day := null, to_day := null, as_of := null, time_zone := null,
    touches := 'core.touches', orders := 'core.orders'
) as table
with

settings as (select * from core.settings),

checked as (
    select
        explore.one_of(model, 'model', ['first', 'last', 'linear', 'position']) as model,
        coalesce(time_zone, settings.time_zone) as zone,
        cast(as_of as varchar) as as_of
    from settings
    where case when cast(lookback as interval) < interval 0 second
        then error('lookback is negative (' || cast(lookback as varchar)
            || '); give an interval like interval 30 day, or null for none') else true end
),

question as (
    select
        checked.model,
        checked.zone,
        case when length(checked.as_of) = 10
            then explore.day_start_at(cast(checked.as_of as date) + 1, checked.zone)
            else cast(checked.as_of as timestamp) end as end_at
    from checked
),

all_orders as (
    select null::boolean as is_paid
    where false
    union all by name
    select * from query_table(orders)
),

all_touches as (
    select
        member_id,
        cast(channel as varchar) as channel,
        cast(touched_at as timestamp) as touched_at
    from query_table(touches)
    where channel is not null
),

paid as (
    select
        all_orders.order_id,
        all_orders.member_id,
        cast(all_orders.paid_at as timestamp) as paid_at,
        cast(all_orders.net_revenue as decimal(18, 2)) as amount
    from all_orders
    cross join question
    where all_orders.paid_at is not null
        and coalesce(all_orders.is_paid, true)
        and (question.end_at is null or cast(all_orders.paid_at as timestamp) < question.end_at)
        and (from_day is null
            or explore.local_day(cast(all_orders.paid_at as timestamp), question.zone)
                >= cast(from_day as date))
        and (to_day is null
            or explore.local_day(cast(all_orders.paid_at as timestamp), question.zone)
                <= cast(to_day as date))
),

before_orders as (
    select
        paid.order_id,
        all_touches.channel,
        all_touches.touched_at,
        lag(all_touches.channel) over (
            partition by paid.order_id
            order by all_touches.touched_at, all_touches.channel) as channel_before
    from paid
    join all_touches
        on paid.member_id = all_touches.member_id
        and all_touches.touched_at <= paid.paid_at
        and (cast(lookback as interval) is null
            or all_touches.touched_at >= paid.paid_at - cast(lookback as interval))
),

runs as (
    select
        order_id,
        channel,
        row_number() over (partition by order_id order by touched_at, channel) as place,
        count(*) over (partition by order_id) as touches_of_order
    from before_orders
    where channel is distinct from channel_before
),

-- The share of an order credited up to and with each touch.
sums as (
    select
        runs.order_id,
        runs.channel,
        runs.place,
        case
            when runs.place = runs.touches_of_order then 1.0
            when question.model = 'first' then 1.0
            when question.model = 'last' then 0.0
            when question.model = 'position' and runs.touches_of_order > 2
                then 0.4 + 0.2 * (runs.place - 1) / (runs.touches_of_order - 2)
            else runs.place / runs.touches_of_order
        end as share_so_far
    from runs
    cross join question
),

rounded as (
    select
        sums.order_id,
        sums.channel,
        sums.place,
        sums.share_so_far > coalesce(lag(sums.share_so_far)
            over (partition by sums.order_id order by sums.place), 0) as is_credited,
        cast(round(cast(paid.amount as double) * sums.share_so_far, 2) as decimal(18, 2))
            as amount_so_far
    from sums
    join paid on sums.order_id = paid.order_id
),

credits as (
    select
        order_id,
        channel,
        amount_so_far - coalesce(lag(amount_so_far)
            over (partition by order_id order by place), 0) as credit,
        is_credited
    from rounded
    union all
    select paid.order_id, 'none', paid.amount, true
    from paid
    where not exists (select 1 from rounded where rounded.order_id = paid.order_id)
),

channels as (
    select
        channel,
        count(distinct order_id) filter (where is_credited) as orders,
        cast(sum(credit) as decimal(18, 2)) as credited_amount
    from credits
    group by channel
    having bool_or(is_credited)
)

select
    channels.channel, -- channel of the touch; none where an order had no touch
    channels.orders as orders, -- orders of which it has a part of the credit
    channels.credited_amount, -- net amount credited to it
    cast(channels.credited_amount as double)
    / nullif(cast(sum(channels.credited_amount) over () as double), 0)
        as share -- of the net amount of all orders
from channels
order by channels.channel = 'none', channels.credited_amount desc, channels.channel
