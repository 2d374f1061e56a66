-- One row per group and week: the group as it stood at the end of the week.
-- grain: group_id, week_start
-- The inputs of state and health score. NULL where the export they need does not reach the week or a day of the
-- window of this group is not covered.
with

instants as (select * from group_health.instants),

member_windows as (select * from group_health.member_windows),

responses as (select * from group_health.responses),

groups as (select * from staging.groups),

group_starts as (select * from core.group_starts),

settings as (select * from core.settings),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar),

stays as (select * from core.stays),

member_days as (select * from core.member_days),

group_hours as (select * from core.group_hours),

order_lines as (select * from core.order_lines),

orders as (select * from core.orders),

exits as (select bool_or(action in ('leave', 'kick')) as is_exported from staging.joins),

first_seen as (
    select group_id, min(joined_at) as first_at
    from stays
    group by group_id
),

-- A group is looked at from its first week on, until it is dissolved.
pairs as (
    select
        groups.group_id,
        instants.*,
        coalesce(
            groups.created_at,
            case when first_seen.first_at > group_starts.start_at + interval 7 day then first_seen.first_at end
        ) as born_at
    from groups
    cross join instants
    left join first_seen on groups.group_id = first_seen.group_id
    left join group_starts on groups.group_id = group_starts.group_id
    where (groups.closed_at is null or groups.closed_at >= instants.week_end_at)
        and coalesce(groups.created_at, first_seen.first_at, instants.week_end_at) <= instants.week_end_at
),

covered as (
    select
        pairs.group_id,
        pairs.week_start,
        sum(case when coverage.event_kind = 'message' and calendar.day_number >= pairs.end_number - settings.dead_days
            and coverage.is_covered then 1 else 0 end) as message_days_14,
        sum(case when coverage.event_kind = 'order' and calendar.day_number >= pairs.end_number - settings.dead_days
            and coverage.is_covered then 1 else 0 end) as order_days_14,
        sum(case when coverage.event_kind = 'message' and calendar.day_number >= pairs.end_number - 7
            and coverage.is_covered then 1 else 0 end) as message_days_7,
        sum(case when coverage.event_kind = 'message' and calendar.day_number >= pairs.end_number - 28
            and coverage.is_covered then 1 else 0 end) as message_days_28,
        sum(case when coverage.event_kind = 'message' and coverage.is_covered then 1 else 0 end) as message_days_30,
        sum(case when coverage.event_kind = 'order' and coverage.is_covered then 1 else 0 end) as order_days_30,
        sum(case when coverage.event_kind = 'join' and calendar.day_number >= pairs.end_number - 28
            and coverage.is_covered then 1 else 0 end) as join_days_28
    from pairs
    cross join settings
    join calendar on calendar.day_number >= pairs.end_number - 30 and calendar.day_number < pairs.end_number
    join coverage on pairs.group_id = coverage.group_id and calendar.day = coverage.day
    group by pairs.group_id, pairs.week_start
),

ranked as (
    select
        member_windows.*,
        row_number() over (
            partition by week_start, group_id order by messages_28d, member_id
        ) as place_up,
        row_number() over (
            partition by week_start, group_id order by messages_28d desc, member_id
        ) as place_down
    from member_windows
    where not is_refuser
),

sizes as (
    select
        week_start,
        group_id,
        count(*) as members,
        count(case when is_buyer_30d then 1 end) as buyers_30d
    from member_windows
    group by week_start, group_id
),

voices as (
    select
        week_start,
        group_id,
        count(*) as archived_members,
        count(case when messages_7d > 0 then 1 end) as posters_7d,
        sum(messages_7d) as messages_7d,
        sum(messages_28d) as messages_28d,
        sum(replies_28d) as replies_28d,
        count(case when is_30d then 1 end) as settled_members,
        count(case when is_30d and messages_30d = 0 then 1 end) as lurkers,
        count(case when is_buyer_30d then 1 end) as archived_buyers,
        count(case when is_buyer_30d and messages_30d = 0 then 1 end) as silent_buyers,
        sum(case when place_down <= 3 then messages_28d else 0 end) as top3_messages,
        sum(place_up * messages_28d) as weighted_messages
    from ranked
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

daily_posts as (
    select calendar.day_number, member_days.group_id, sum(member_days.messages) as messages
    from member_days
    join calendar on member_days.day = calendar.day
    where member_days.group_id is not null
    group by calendar.day_number, member_days.group_id
),

silence as (
    select
        instants.week_start,
        daily_posts.group_id,
        max(case when daily_posts.messages > 0 then daily_posts.day_number end) as last_number,
        sum(case when daily_posts.day_number >= instants.end_number - settings.dead_days then daily_posts.messages
            else 0 end) as messages_14d
    from instants
    cross join settings
    join daily_posts on daily_posts.day_number < instants.end_number
    group by instants.week_start, daily_posts.group_id
),

answers as (
    select
        instants.week_start,
        responses.group_id,
        count(*) as questions,
        count(case when responses.is_answered_24h then 1 end) as answered,
        median(case when responses.is_daytime then responses.minutes_to_answer end) as median_minutes
    from instants
    join responses
        on responses.day_number >= instants.end_number - 28
        and responses.day_number < instants.end_number
    group by instants.week_start, responses.group_id
),

sales as (
    select
        instants.week_start,
        orders.group_id,
        sum(order_lines.amount) as net_revenue_28d
    from instants
    join order_lines
        on order_lines.is_revenue
        and order_lines.effective_at < instants.week_end_at
        and order_lines.effective_at >= instants.week_end_at - interval 28 day
    join orders on order_lines.order_id = orders.order_id
    where orders.group_id is not null
    group by instants.week_start, orders.group_id
),

recent_orders as (
    select instants.week_start, orders.group_id, count(*) as paid_orders_14d
    from instants
    cross join settings
    join orders
        on orders.is_paid
        and orders.group_id is not null
        and orders.paid_at < instants.week_end_at
        and orders.paid_at >= instants.week_end_at - settings.dead_days * interval 1 day
    group by instants.week_start, orders.group_id
),

leavers as (
    select
        instants.week_start,
        stays.group_id,
        count(distinct stays.member_id) as members_before,
        count(distinct case when stays.left_at < instants.week_end_at and stays.exit_kind in ('leave', 'kick')
            then stays.member_id end) as left_members
    from instants
    join stays
        on stays.joined_at < instants.week_end_at - interval 28 day
        and (stays.left_at is null or stays.left_at >= instants.week_end_at - interval 28 day)
    group by instants.week_start, stays.group_id
),

-- A project without a single reply in all its history exports none (a Slack dump of thread parents, say).
reply_export as (select coalesce(sum(replies_sent), 0) > 0 as is_exported from core.message_days)

select
    pairs.group_id, -- group
    pairs.week_start, -- week at whose end the group is looked at
    pairs.is_report, -- whether that is R, the instant of the report
    pairs.week_end_at, -- its end, naive UTC
    pairs.born_at, -- when the group was made, or first seen well after the start of the export, naive UTC
    pairs.has_messages, -- whether messages reach the week
    pairs.has_orders, -- whether orders do
    settings.watermark_message_at is not null as is_message_exported, -- whether messages are exported at all
    settings.watermark_order_at is not null as is_order_exported, -- whether orders are
    coalesce(covered.message_days_14, 0) = settings.dead_days as is_message_covered_14d, -- messages of 14 days
    coalesce(covered.order_days_14, 0) = settings.dead_days as is_order_covered_14d, -- orders of 14 days
    coalesce(sizes.members, 0) as members, -- members in the group
    coalesce(voices.archived_members, 0) as archived_members, -- of them, who did not refuse archiving
    case when covered.message_days_7 = 7 then coalesce(voices.posters_7d, 0) end
        as posters_7d, -- members in the group who posted in 7 days
    case when covered.message_days_7 = 7 then coalesce(voices.messages_7d, 0) end
        as messages_7d, -- their meaningful messages in 7 days
    case when covered.message_days_7 = 7
        then cast(coalesce(voices.posters_7d, 0) as double) / nullif(voices.archived_members, 0) end
        as participation_7d, -- posters_7d / archived_members
    voices.settled_members, -- archived members in the group for 30 days or more
    case when covered.message_days_30 = 30 then voices.lurkers end as lurkers, -- of them, without a message in 30 days
    case when covered.message_days_30 = 30 then cast(voices.lurkers as double) / nullif(voices.settled_members, 0) end
        as lurker_rate, -- lurkers / settled_members
    case when covered.message_days_30 = 30 and covered.order_days_30 = 30
        then cast(voices.silent_buyers as double) / nullif(voices.archived_buyers, 0) end
        as silent_buyer_rate, -- archived buyers of 30 days without a message in them / archived buyers
    case when covered.message_days_28 = 28 then cast(voices.top3_messages as double) / nullif(voices.messages_28d, 0) end
        as top3_share, -- messages of the three loudest members / member messages, 28 days
    case when covered.message_days_28 = 28 then
        2.0 * cast(voices.weighted_messages as double)
            / nullif(voices.archived_members * cast(voices.messages_28d as double), 0)
            - (voices.archived_members + 1.0) / nullif(voices.archived_members, 0)
    end as gini, -- inequality of messages over members, zeros included, 28 days
    case when covered.message_days_28 = 28 then cast(staff.staff_messages as double) / nullif(staff.messages, 0) end
        as staff_share, -- messages of staff / messages of staff and members, 28 days
    case when covered.message_days_28 = 28 and reply_export.is_exported
        then cast(voices.replies_28d as double) / nullif(voices.messages_28d, 0) end
        as reply_rate, -- replies / meaningful messages, 28 days; NULL where replies are not exported
    case when covered.message_days_28 = 28 then answers.median_minutes end
        as median_first_response_minutes, -- median minutes to an answer, asked 9-21 h, 28 days
    case when covered.message_days_28 = 28
        then cast(answers.questions - answers.answered as double) / nullif(answers.questions, 0) end
        as unanswered_rate, -- questions without answer in 24 h / questions, 28 days
    case when covered.order_days_30 = 30 then coalesce(sizes.buyers_30d, 0) end
        as buyers_30d, -- members in the group who bought as a member in 30 days
    case when covered.order_days_30 = 30 then cast(coalesce(sizes.buyers_30d, 0) as double) / nullif(sizes.members, 0) end
        as conversion_30d, -- buyers_30d / members
    case when pairs.has_orders then cast(coalesce(sales.net_revenue_28d, 0) as decimal(18, 2)) end
        as net_revenue_28d, -- net revenue of the group's orders, 28 days
    case when pairs.has_orders then coalesce(recent_orders.paid_orders_14d, 0) end
        as paid_orders_14d, -- paid orders of the group, 14 days
    case when pairs.has_messages then coalesce(silence.messages_14d, 0) end
        as member_messages_14d, -- messages of members, 14 days
    case when pairs.has_messages then pairs.end_number - 1 - silence.last_number end
        as days_since_member_message, -- days since a member wrote; 0 is the last day of the week
    case when covered.join_days_28 = 28 and coalesce(exits.is_exported, false)
        then cast(leavers.left_members as double) / nullif(leavers.members_before, 0) end
        as exit_rate_28d -- members of 28 days ago who left or were removed / those members
from pairs
cross join settings
cross join exits
cross join reply_export
left join covered on pairs.group_id = covered.group_id and pairs.week_start = covered.week_start
left join sizes on pairs.group_id = sizes.group_id and pairs.week_start = sizes.week_start
left join voices on pairs.group_id = voices.group_id and pairs.week_start = voices.week_start
left join staff on pairs.group_id = staff.group_id and pairs.week_start = staff.week_start
left join silence on pairs.group_id = silence.group_id and pairs.week_start = silence.week_start
left join answers on pairs.group_id = answers.group_id and pairs.week_start = answers.week_start
left join sales on pairs.group_id = sales.group_id and pairs.week_start = sales.week_start
left join recent_orders on pairs.group_id = recent_orders.group_id and pairs.week_start = recent_orders.week_start
left join leavers on pairs.group_id = leavers.group_id and pairs.week_start = leavers.week_start
