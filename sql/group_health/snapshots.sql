-- One row per group and week: the group as it stood at the end of the week.
-- grain: group_id, week_start
-- The inputs of state and health score. NULL where the export they need does not reach the week or
-- a day of the window of this group is not covered.
with

pairs as (select * from group_health.pairs),

covered as (select * from group_health.covered_days),

voices as (select * from group_health.voices),

sales as (select * from group_health.sales),

silences as (select * from group_health.silences),

leavers as (select * from group_health.exits),

instants as (select * from group_health.instants),

member_windows as (select * from group_health.member_windows),

responses as (select * from group_health.responses),

settings as (select * from core.settings),

group_hours as (select * from core.group_hours),

sizes as (
    select
        week_start,
        group_id,
        count(*) as members,
        count(case when is_buyer_30d then 1 end) as buyers_30d
    from member_windows
    group by week_start, group_id
),

staff as (
    select
        instants.week_start,
        group_hours.group_id,
        sum(group_hours.messages) as messages,
        sum(group_hours.staff_messages) as staff_messages
    from instants
    join group_hours
        on group_hours.hour_at < instants.week_end_at
        and group_hours.hour_at >= instants.week_end_at - interval 28 day
    group by instants.week_start, group_hours.group_id
),

answers as (
    select
        instants.week_start,
        responses.group_id,
        count(*) as questions,
        count(case when responses.is_answered_24h then 1 end) as answered,
        median(case when responses.is_daytime then responses.minutes_to_answer end)
            as median_minutes
    from instants
    join responses
        on responses.day_number >= instants.end_number - 28
        and responses.day_number < instants.end_number
        and responses.is_over
    group by instants.week_start, responses.group_id
),

exported as (select * from core.exported)

select
    group_id, -- group
    week_start, -- week at whose end the group is looked at
    pairs.is_report, -- whether that is R, the instant of the report
    pairs.week_end_at, -- its end, naive UTC
    pairs.born_at, -- when the group was made or first seen, naive UTC
    pairs.has_messages, -- whether messages reach the week
    pairs.has_orders, -- whether orders do
    settings.watermark_message_at is not null
        as is_message_exported, -- whether messages are exported at all
    settings.watermark_order_at is not null as is_order_exported, -- whether orders are
    coalesce(covered.message_days_14, 0) = settings.dead_days
        as is_message_covered_14d, -- messages of 14 days
    coalesce(covered.order_days_14, 0) = settings.dead_days
        as is_order_covered_14d, -- orders of 14 days
    coalesce(sizes.members, 0) as members, -- members in the group
    coalesce(voices.archived_members, 0)
        as archived_members, -- of them, who did not refuse archiving
    case when covered.message_days_7 = 7 then coalesce(voices.posters_7d, 0) end
        as posters_7d, -- members in the group who posted in 7 days
    case when covered.message_days_7 = 7 then coalesce(voices.messages_7d, 0) end
        as messages_7d, -- their meaningful messages in 7 days
    case when covered.message_days_7 = 7
        then cast(coalesce(voices.posters_7d, 0) as double) / nullif(voices.archived_members, 0) end
        as participation_7d, -- posters_7d / archived_members
    voices.settled_members, -- archived members in the group for 30 days or more
    case when covered.message_days_30 = 30 then voices.lurkers end
        as lurkers, -- of them, without a message in 30 days
    case when covered.message_days_30 = 30
        then cast(voices.lurkers as double) / nullif(voices.settled_members, 0) end
        as lurker_rate, -- lurkers / settled_members
    case when covered.message_days_30 = 30 and covered.order_days_30 = 30
        then cast(voices.silent_buyers as double) / nullif(voices.archived_buyers, 0) end
        as silent_buyer_rate, -- buyers of 30 days without a message / such buyers
    case when covered.message_days_28 = 28
        then cast(voices.top3_messages as double) / nullif(voices.messages_28d, 0) end
        as top3_share, -- messages of the three loudest members / member messages, 28 days
    case when covered.message_days_28 = 28 then
        2.0 * cast(voices.weighted_messages as double)
            / nullif(voices.archived_members * cast(voices.messages_28d as double), 0)
            - (voices.archived_members + 1.0) / nullif(voices.archived_members, 0)
    end as gini, -- inequality of messages over members, zeros included, 28 days
    case when covered.message_days_28 = 28
        then cast(staff.staff_messages as double) / nullif(staff.messages, 0) end
        as staff_share, -- messages of staff / messages of staff and members, 28 days
    case when covered.message_days_28 = 28 and exported.has_replies
        then cast(voices.replies_28d as double) / nullif(voices.messages_28d, 0) end
        as reply_rate, -- replies / messages, 28 days; NULL where not exported
    case when covered.message_days_28 = 28 then answers.median_minutes end
        as median_first_response_minutes, -- median minutes to an answer, asked 9-21 h, 28 days
    case when covered.message_days_28 = 28
        then cast(answers.questions - answers.answered as double) / nullif(answers.questions, 0) end
        as unanswered_rate, -- questions without answer in 24 h / questions, 28 days
    case when covered.order_days_30 = 30 then coalesce(sizes.buyers_30d, 0) end
        as buyers_30d, -- members in the group who bought as a member in 30 days
    case when covered.order_days_30 = 30
        then cast(coalesce(sizes.buyers_30d, 0) as double) / nullif(sizes.members, 0) end
        as conversion_30d, -- buyers_30d / members
    case when pairs.has_orders and covered.order_days_28 = 28
        then cast(coalesce(sales.net_revenue_28d, 0) as decimal(18, 2)) end
        as net_revenue_28d, -- net revenue of the group's orders, 28 days
    case when pairs.has_orders then coalesce(sales.paid_orders_14d, 0) end
        as paid_orders_14d, -- paid orders of the group, 14 days
    case when pairs.has_messages then coalesce(silences.messages_14d, 0) end
        as member_messages_14d, -- messages of members, 14 days
    case when pairs.has_messages then pairs.end_number - 1 - silences.last_number end
        as days_since_member_message, -- days since a member wrote; 0 is the last day of the week
    case when covered.join_days_28 = 28 and exported.has_exits
        then cast(leavers.left_members as double) / nullif(leavers.members_before, 0) end
        as exit_rate_28d -- members of 28 days ago who left or were removed / those members
from pairs
cross join settings
cross join exported
left join covered using (group_id, week_start)
left join sizes using (group_id, week_start)
left join voices using (group_id, week_start)
left join staff using (group_id, week_start)
left join silences using (group_id, week_start)
left join answers using (group_id, week_start)
left join sales using (group_id, week_start)
left join leavers using (group_id, week_start)
