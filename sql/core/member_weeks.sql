-- One row per week and member with a message, an order or a refund.
-- grain: week_start, member_id
-- partition: week_start
-- reach: 0d..+6d
with

member_days as (select * from core.member_days),

calendar as (select * from staging.calendar),

days as (
    select
        calendar.week_start,
        member_days.member_id,
        member_days.day,
        bool_or(member_days.is_active) as is_active,
        bool_or(member_days.is_posting_active) as is_posting_active,
        bool_or(member_days.is_buying_active) as is_buying_active,
        sum(member_days.meaningful_messages) as messages,
        sum(member_days.net_revenue) as net_revenue
    from member_days
    join calendar on member_days.day = calendar.day
    group by calendar.week_start, member_days.member_id, member_days.day
)

select
    week_start, -- first day of the week
    member_id, -- member
    count(case when is_active then 1 end) as active_days, -- days with activity
    count(case when is_posting_active then 1 end)
        as posting_days, -- days with a meaningful message
    count(case when is_buying_active then 1 end) as buying_days, -- days with a paid order
    cast(sum(messages) as bigint) as messages, -- meaningful messages
    cast(sum(net_revenue) as decimal(18, 2)) as net_revenue -- paid amounts and refunds
from days
group by week_start, member_id
