-- One row per month of first joins and stage: how far do members come within 180 days?
-- grain: cohort_month, stage
-- concept: M79 = members, share
-- Closed and ordered: each stage at or after the one before (scorecard.stage_members). NULL until
-- month end + 180 d is over and covered for all kinds that the stage and those before it need.
with

stage_members as (select * from scorecard.stage_members),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

months as (
    select
        month_start,
        max(day_end_at) as month_end_at,
        min(join_missed_before) as join_missed_before,
        min(message_missed_before) as message_missed_before,
        min(order_missed_before) as order_missed_before,
        min(invite_missed_before) as invite_missed_before
    from calendar
    group by month_start
),

reaches as (
    select
        months.month_start,
        months.month_end_at <= settings.watermark_join_at
            and month_ends.join_days_missed = months.join_missed_before as is_month_known,
        months.month_end_at + interval 4320 hour <= settings.watermark_join_at
            and ends.join_days_missed = months.join_missed_before as has_joins,
        months.month_end_at + interval 4320 hour <= settings.watermark_message_at
            and ends.message_days_missed = months.message_missed_before as has_messages,
        months.month_end_at + interval 4320 hour <= settings.watermark_order_at
            and ends.order_days_missed = months.order_missed_before as has_orders,
        months.month_end_at + interval 4320 hour <= settings.watermark_invite_at
            and ends.invite_days_missed = months.invite_missed_before as has_invites
    from months
    cross join settings
    left join calendar as month_ends on months.month_end_at = month_ends.day_end_at
    left join calendar as ends
        on months.month_end_at + interval 4320 hour > ends.day_start_at
        and months.month_end_at + interval 4320 hour <= ends.day_end_at
),

days as (
    select
        stage_members.*,
        date_diff('microsecond', joined_at, warmed_at) / 86400000000.0 as days_1,
        date_diff('microsecond', warmed_at, returned_at) / 86400000000.0 as days_2,
        date_diff('microsecond', returned_at, prepaid_at) / 86400000000.0 as days_3,
        date_diff('microsecond', prepaid_at, referred_at) / 86400000000.0 as days_4
    from stage_members
),

counts as (
    select
        cohort_month,
        count(*) as in_group,
        count(warmed_at) as warmed,
        count(returned_at) as returned,
        count(prepaid_at) as prepaid,
        count(referred_at) as referred,
        median(days_1) as median_1,
        median(days_2) as median_2,
        median(days_3) as median_3,
        median(days_4) as median_4
    from days
    group by cohort_month
),

stages as (
    select cohort_month, 'in_group' as stage, 1 as place, in_group as members,
        cast(0 as double) as median_days
    from counts
    union all
    select cohort_month, 'warmed', 2, warmed, median_1 from counts
    union all
    select cohort_month, 'returned', 3, returned, median_2 from counts
    union all
    select cohort_month, 'prepaid', 4, prepaid, median_3 from counts
    union all
    select cohort_month, 'referred', 5, referred, median_4 from counts
),

judged as (
    select
        stages.*,
        counts.in_group,
        case stages.place
            when 1 then true
            when 2 then settings.watermark_message_at is not null
            when 5 then settings.watermark_message_at is not null
                and settings.watermark_order_at is not null
                and settings.watermark_invite_at is not null
            else settings.watermark_message_at is not null
                and settings.watermark_order_at is not null
        end as is_exported,
        coalesce(case stages.place
            when 1 then reaches.is_month_known
            when 2 then reaches.has_joins and reaches.has_messages
            when 5 then reaches.has_joins and reaches.has_messages and reaches.has_orders
                and reaches.has_invites
            else reaches.has_joins and reaches.has_messages and reaches.has_orders
        end, false) as is_complete
    from stages
    cross join settings
    join counts on stages.cohort_month = counts.cohort_month
    join reaches on stages.cohort_month = reaches.month_start
)

select
    judged.cohort_month, -- month of the known first join
    judged.stage, -- in_group, warmed, returned, prepaid or referred
    judged.place, -- 1 to 5
    case when judged.is_complete or judged.place = 1 then judged.members end
        as members, -- members who passed it and all before it, in order
    case when judged.is_exported then judged.members end
        as members_so_far, -- the same up to now, before the 180 days are over
    case when judged.is_complete then cast(judged.members as double) / judged.in_group end
        as share, -- members / members in_group
    case when judged.is_complete then judged.median_days end
        as median_days, -- from the stage before, among those who passed it
    judged.is_complete, -- whether the 180 days are over and covered for the whole month
    case
        when judged.is_complete and judged.members > 0 then null
        when judged.is_complete then 'no_members'
        when judged.place = 1 then 'not_mature'
        when settings.watermark_message_at is null then 'no_message_export'
        when judged.place > 2 and settings.watermark_order_at is null then 'no_order_export'
        when judged.place = 5 and settings.watermark_invite_at is null then 'no_invite_export'
        else 'not_mature'
    end as reason -- why a value of the row is missing
from judged
cross join settings
