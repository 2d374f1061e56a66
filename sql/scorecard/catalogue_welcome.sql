-- One row per measure of being welcomed, and of customers who come back by joining.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M26 = welcomed_24h_rate, welcomed_stay_30d_rate, unwelcomed_stay_30d_rate
-- concept: M99 = win_back_rate, idle_joiner_buyer_30d_rate
-- Weeks of first joins and, as period all, complete weeks added up.
with

joiners as (select * from activation.joiners),

windows as (select * from activation.windows),

exit_windows as (select * from acquisition.exit_windows),

notices as (select * from activation.notices),

community_stays as (select * from core.community_stays),

orders as (select * from core.orders),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

order_start as (
    select min(case when is_order_covered then day_start_at end) as start_at from calendar
),

stayed as (
    select joiners.member_id
    from joiners
    join community_stays
        on joiners.member_id = community_stays.member_id
        and community_stays.joined_at <= joiners.joined_at + interval 720 hour
        and (community_stays.left_at is null
            or community_stays.left_at > joiners.joined_at + interval 720 hour)
    where joiners.group_id is null
),

last_orders as (
    select joiners.member_id, max(orders.paid_at) as last_paid_at
    from joiners
    join orders
        on joiners.member_id = orders.member_id
        and orders.is_paid
        and orders.paid_at < joiners.joined_at
    where joiners.group_id is null
    group by joiners.member_id
),

members as (
    select
        joiners.cohort_week,
        windows.is_complete_24h and settings.watermark_message_at is not null as knows_welcome,
        windows.is_complete_24h and exit_windows.is_complete_30d as knows_stay,
        windows.is_order_complete_30d
            and joiners.joined_at >= order_start.start_at + interval 180 day as knows_orders,
        coalesce(notices.first_noticed_at < joiners.joined_at + interval 24 hour, false)
            as is_welcomed,
        stayed.member_id is not null as is_stayed,
        last_orders.last_paid_at is null
            or last_orders.last_paid_at <= joiners.joined_at - interval 180 day as is_idle,
        last_orders.last_paid_at is not null as was_customer,
        coalesce(joiners.first_paid_at < joiners.joined_at + interval 720 hour, false) as is_buyer
    from joiners
    cross join settings
    cross join order_start
    join windows
        on joiners.cohort_week = windows.cohort_week
        and windows.group_id is null
    join exit_windows on joiners.cohort_week = exit_windows.cohort_week
    left join notices on joiners.member_id = notices.member_id
    left join stayed on joiners.member_id = stayed.member_id
    left join last_orders on joiners.member_id = last_orders.member_id
    where joiners.group_id is null
),

measures as (
    select 'M26' as concept_id, 'welcomed_24h_rate' as measure,
        cast(cohort_week as varchar) as period,
        count(case when knows_welcome and is_welcomed then 1 end) as part,
        count(case when knows_welcome then 1 end) as whole
    from members
    group by cohort_week
    union all
    select 'M26', 'welcomed_24h_rate', 'all',
        count(case when knows_welcome and is_welcomed then 1 end),
        count(case when knows_welcome then 1 end)
    from members
    union all
    select 'M26', 'welcomed_stay_30d_rate', 'all',
        count(case when knows_stay and is_welcomed and is_stayed then 1 end),
        count(case when knows_stay and is_welcomed then 1 end)
    from members
    union all
    select 'M26', 'unwelcomed_stay_30d_rate', 'all',
        count(case when knows_stay and not is_welcomed and is_stayed then 1 end),
        count(case when knows_stay and not is_welcomed then 1 end)
    from members
    union all
    select 'M99', 'win_back_rate', 'all',
        count(case when knows_orders and is_idle and was_customer and is_buyer then 1 end),
        count(case when knows_orders and is_idle and was_customer then 1 end)
    from members
    union all
    select 'M99', 'idle_joiner_buyer_30d_rate', 'all',
        count(case when knows_orders and is_idle and is_buyer then 1 end),
        count(case when knows_orders and is_idle then 1 end)
    from members
),

knowledge as (select coalesce(bool_or(knows_orders), false) as knows_orders from members),

judged as (
    select
        measures.*,
        case
            when settings.watermark_join_at is null then 'no_join_export'
            when concept_id = 'M26' and settings.watermark_message_at is null
                then 'no_message_export'
            when concept_id = 'M26' and not (exported.has_replies or exported.has_mentions)
                then 'no_replies'
            when measure in ('welcomed_stay_30d_rate', 'unwelcomed_stay_30d_rate')
                and not exported.has_exits then 'exits_not_exported'
            when concept_id = 'M99' and settings.watermark_order_at is null then 'no_order_export'
            when concept_id = 'M99' and not knowledge.knows_orders then 'short_order_history'
            when whole > 0 then null
            when measure = 'win_back_rate' then 'no_sleeping_customers'
            when measure = 'idle_joiner_buyer_30d_rate' then 'no_new_members'
            else 'not_mature'
        end as reason
    from measures
    cross join settings
    cross join exported
    cross join knowledge
)

select
    concept_id, -- concept
    measure, -- what is measured
    'community' as subject_kind, -- community
    'all' as subject, -- all
    period, -- first day of the week, or all
    case when reason is null then cast(part as double) / whole end
        as value, -- numerator / denominator
    case when reason is null then cast(part as double) end as numerator, -- what is counted
    case when reason is null then cast(whole as double) end as denominator, -- of how many
    reason -- why there is no value
from judged
