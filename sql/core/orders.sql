-- One row per order.
-- grain: order_id
-- Paid order = paid, not cancelled, of kind sale, group_buy, balance_spend or preorder_deposit
-- (amount 0 counts). Its group, first that fits: its own; the buyer's only group at paid_at; else
-- none.
with

lines as (select * from staging.orders),

order_lines as (select * from core.order_lines),

stays as (select * from core.stays),

roles as (select * from core.roles),

-- Refunds and balances that became lines of another order are no orders of their own.
kept_ids as (select distinct order_id from order_lines),

heads as (
    select
        lines.order_id,
        min_by(lines.kind, case when lines.kind = 'refund' then 1000000
            else 0 end + lines.line_number) as kind,
        max(lines.member_id) as member_id,
        max(lines.group_id) as group_id,
        min(lines.ordered_at) as ordered_at,
        min(case when coalesce(lines.status, 'paid') <> 'cancelled' and lines.kind <> 'refund'
            then lines.paid_at end)
            as paid_at,
        min(case when coalesce(lines.status, 'paid') <> 'cancelled' and lines.kind <> 'refund'
            then lines.paid_day end)
            as paid_day,
        max(lines.campaign_id) as campaign_id,
        max(lines.channel) as channel,
        max(lines.leader_id) as leader_id
    from lines
    join kept_ids on lines.order_id = kept_ids.order_id
    group by lines.order_id
),

sums as (
    select
        order_id,
        sum(case when is_revenue and not is_refund then amount else 0 end) as gmv,
        sum(case when is_revenue and is_refund then amount else 0 end) as refunded,
        sum(case when is_revenue and cost is not null then amount - cost end) as margin,
        bool_or(is_revenue and cost is null) as is_cost_missing,
        sum(case when is_revenue then discount else 0 end) as discount
    from order_lines
    group by order_id
),

moments as (
    select heads.*, coalesce(heads.paid_at, heads.ordered_at) as moment_at
    from heads
),

groups_then as (
    select moments.order_id, count(*) as groups, min(stays.group_id) as group_id
    from moments
    join stays
        on moments.member_id = stays.member_id
        and stays.joined_at <= moments.moment_at
        and (stays.left_at is null or stays.left_at > moments.moment_at)
    group by moments.order_id
),

placed as (
    select
        moments.*,
        coalesce(moments.group_id, case when groups_then.groups = 1 then groups_then.group_id end)
            as credited_group_id,
        case
            when moments.group_id is not null then 'order'
            when groups_then.groups = 1 then 'only_group'
            else 'none'
        end as attributed_by,
        coalesce(groups_then.groups, 0) as groups_then,
        coalesce(moments.kind in ('sale', 'group_buy', 'balance_spend', 'preorder_deposit')
            and moments.paid_at is not null, false) as is_paid,
        coalesce(roles.is_counted, false) as is_counted
    from moments
    left join groups_then on moments.order_id = groups_then.order_id
    left join roles on moments.member_id = roles.member_id
),

numbered as (
    select
        order_id,
        dense_rank() over (partition by member_id order by paid_day) as purchase_number
    from placed
    where is_paid and member_id is not null
)

select
    placed.order_id, -- order
    placed.member_id, -- buyer; NULL when unknown
    placed.credited_group_id as group_id, -- group the order belongs to; NULL when none
    placed.attributed_by, -- order (its own group), only_group (the buyer's only one then) or none
    case
        when placed.member_id is null then 'unknown'
        when placed.groups_then = 0 then 'non_member'
        when placed.credited_group_id is not null then 'group'
        else 'member'
    end as buyer_kind, -- group, member (in a group, order in none), non_member or unknown
    placed.ordered_at, -- when placed, naive UTC
    placed.paid_at, -- when paid, naive UTC; NULL when not
    placed.paid_day, -- business day of payment
    placed.kind, -- what the order is
    placed.is_paid, -- whether it is a paid order
    placed.is_counted, -- whether the buyer is a member or other customer, not staff
    cast(coalesce(sums.gmv, 0) as decimal(18, 2)) as gmv, -- paid amounts
    cast(coalesce(sums.refunded, 0) as decimal(18, 2)) as refunded, -- refunds, negative
    cast(coalesce(sums.gmv, 0) + coalesce(sums.refunded, 0) as decimal(18, 2))
        as net_revenue, -- gmv + refunded
    cast(case when not sums.is_cost_missing then sums.margin end as decimal(18, 2))
        as margin, -- net revenue less cost; NULL where the cost of a line is unknown
    cast(coalesce(sums.discount, 0) as decimal(18, 2))
        as discount, -- discount, spent bonus included
    numbered.purchase_number, -- number of the buyer's purchase day, from 1
    numbered.purchase_number = 1
        as is_first_purchase, -- whether it is of the first purchase day known
    placed.campaign_id, -- campaign
    placed.channel, -- where it was placed
    placed.leader_id -- group leader
from placed
left join sums on placed.order_id = sums.order_id
left join numbered on placed.order_id = numbered.order_id
