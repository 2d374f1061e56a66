-- One row per week, group and member in the group at the end of the week: what the member did
-- before it.
-- grain: week_start, group_id, member_id
-- partition: week_start
-- reach: -23d..+6d
with

instants as (select * from group_health.instants),

stays as (select * from core.stays),

roles as (select * from core.roles),

member_days as (select * from core.member_days),

payment_days as (select * from core.payment_days),

calendar as (select * from staging.calendar),

present as (
    select
        instants.week_start,
        instants.week_end_at,
        instants.end_number,
        stays.group_id,
        stays.member_id,
        min(stays.joined_at) as joined_at
    from instants
    join stays
        on stays.joined_at < instants.week_end_at
        and (stays.left_at is null or stays.left_at >= instants.week_end_at)
    group by
        instants.week_start, instants.week_end_at, instants.end_number, stays.group_id,
            stays.member_id
),

numbered_days as (
    select calendar.day_number, member_days.group_id, member_days.member_id,
        member_days.meaningful_messages,
        member_days.messages, member_days.replies_sent
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.group_id is not null and member_days.messages > 0
),

posts as (
    select
        instants.week_start,
        numbered_days.group_id,
        numbered_days.member_id,
        sum(case when numbered_days.day_number >= instants.end_number - 7
            then meaningful_messages else 0 end)
            as messages_7d,
        sum(case when numbered_days.day_number >= instants.end_number - 28
            then meaningful_messages else 0 end)
            as messages_28d,
        sum(case when numbered_days.day_number >= instants.end_number - 28 then replies_sent
            else 0 end)
            as replies_28d,
        sum(meaningful_messages) as messages_30d
    from instants
    join numbered_days
        on numbered_days.day_number >= instants.end_number - 30
        and numbered_days.day_number < instants.end_number
    group by instants.week_start, numbered_days.group_id, numbered_days.member_id
),

purchase_days as (
    select calendar.day_number, payment_days.member_id
    from payment_days
    join calendar on payment_days.day = calendar.day
    where payment_days.seated_orders > 0
),

buyers as (
    select distinct instants.week_start, purchase_days.member_id
    from instants
    join purchase_days
        on purchase_days.day_number >= instants.end_number - 30
        and purchase_days.day_number < instants.end_number
)

select
    present.week_start, -- week at whose end the member is in the group
    present.group_id, -- group
    present.member_id, -- member
    present.joined_at + interval 720 hour <= present.week_end_at
        as is_30d, -- in the group for 30 days or more
    roles.is_refuser, -- whether the member refused archiving
    cast(coalesce(posts.messages_7d, 0) as bigint)
        as messages_7d, -- meaningful messages in the group, 7 days before the end
    cast(coalesce(posts.messages_28d, 0) as bigint) as messages_28d, -- 28 days
    cast(coalesce(posts.messages_30d, 0) as bigint) as messages_30d, -- 30 days
    cast(coalesce(posts.replies_28d, 0) as bigint) as replies_28d, -- of those of 28 days, answers
    buyers.member_id is not null as is_buyer_30d -- paid an order as a member, 30 days
from present
join roles on present.member_id = roles.member_id
left join posts
    on present.week_start = posts.week_start
    and present.group_id = posts.group_id
    and present.member_id = posts.member_id
left join buyers on present.week_start = buyers.week_start and present.member_id = buyers.member_id
