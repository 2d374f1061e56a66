-- One row per cohort week and scope (the community: group_id NULL, or a group): who woke up in the
-- first days.
-- grain: group_id, cohort_week
-- Windows are half-open from each member's own join: 7 d is 168 h. Counts and rates of a window are
-- NULL until it is complete for the whole cohort; cohort_size is always everyone.
with

joiners as (select * from activation.joiners),

windows as (select * from activation.windows),

settings as (select * from core.settings),

hours as (
    select
        joiners.group_id,
        joiners.cohort_week,
        joiners.member_id,
        joiners.first_active_at < joiners.joined_at + interval 24 hour as is_active_24h,
        joiners.first_active_at < joiners.joined_at + interval 168 hour as is_active_7d,
        joiners.first_paid_at < joiners.joined_at + interval 168 hour as is_paid_7d,
        joiners.first_paid_at < joiners.joined_at + interval 720 hour as is_paid_30d,
        joiners.first_message_at < joiners.joined_at + interval 24 hour as is_spoken_24h,
        joiners.first_message_at < joiners.joined_at + interval 168 hour as is_spoken_7d,
        joiners.first_message_at < joiners.joined_at + interval 720 hour as is_spoken_30d,
        joiners.was_customer,
        joiners.is_refuser,
        case when joiners.first_message_at < joiners.joined_at + interval 720 hour
            then date_diff('microsecond', joiners.joined_at,
                joiners.first_message_at) / 3600000000.0
        end as hours_to_message
    from joiners
),

cohorts as (
    select
        group_id,
        cohort_week,
        count(*) as cohort_size,
        count(case when not is_refuser then 1 end) as archived_members,
        count(case when was_customer then 1 end) as former_customers,
        count(case when is_active_24h then 1 end) as activated_24h_members,
        count(case when is_active_7d then 1 end) as activated_7d_members,
        count(case when is_paid_7d then 1 end) as first_order_7d_members,
        count(case when is_paid_30d then 1 end) as first_order_30d_members,
        count(case when is_paid_30d and not was_customer then 1 end) as first_order_30d_new_members,
        count(case when is_paid_30d and was_customer then 1 end) as first_order_30d_former_members,
        count(case when is_spoken_24h then 1 end) as spoken_24h_members,
        count(case when is_spoken_7d then 1 end) as spoken_7d_members,
        count(case when is_spoken_30d then 1 end) as spoken_30d_members,
        median(hours_to_message) as median_hours
    from hours
    group by group_id, cohort_week
)

select
    cohorts.group_id, -- group; NULL for the community
    cohorts.cohort_week, -- week of the known first join
    cohorts.cohort_size, -- members of the cohort
    cohorts.archived_members, -- of them, who did not refuse message archiving
    cohorts.former_customers, -- of them, who bought before joining
    case when windows.is_complete_24h then cohorts.activated_24h_members end
        as activated_24h_members, -- active within 24 h
    case when windows.is_complete_24h
        then cast(cohorts.activated_24h_members as double) / cohorts.cohort_size end
        as activated_24h_rate, -- of the cohort
    case when windows.is_complete_7d then cohorts.activated_7d_members end
        as activated_7d_members, -- active within 168 h
    case when windows.is_complete_7d
        then cast(cohorts.activated_7d_members as double) / cohorts.cohort_size end
        as activated_7d_rate, -- of the cohort
    case when windows.is_order_complete_7d then cohorts.first_order_7d_members end
        as first_order_7d_members, -- with a paid order within 168 h
    case when windows.is_order_complete_7d
        then cast(cohorts.first_order_7d_members as double) / cohorts.cohort_size end
        as first_order_7d_rate, -- of the cohort
    case when windows.is_order_complete_30d then cohorts.first_order_30d_members end
        as first_order_30d_members, -- with a paid order within 30 d
    case when windows.is_order_complete_30d
        then cast(cohorts.first_order_30d_members as double) / cohorts.cohort_size end
        as first_order_30d_rate, -- of the cohort
    case when windows.is_order_complete_30d then cohorts.first_order_30d_new_members end
        as first_order_30d_new_members, -- of those, who had never bought
    case when windows.is_order_complete_30d then cohorts.first_order_30d_former_members end
        as first_order_30d_former_members, -- and who had
    case when settings.watermark_message_at is not null and windows.is_complete_24h
        then cast(cohorts.spoken_24h_members as double) / nullif(cohorts.archived_members, 0) end
        as spoken_24h_share, -- posted within 24 h, of archived_members
    case when settings.watermark_message_at is not null and windows.is_complete_7d
        then cast(cohorts.spoken_7d_members as double) / nullif(cohorts.archived_members, 0) end
        as spoken_7d_share, -- posted within 168 h, of archived_members
    case when settings.watermark_message_at is not null and windows.is_complete_30d
        then cast(cohorts.spoken_30d_members as double) / nullif(cohorts.archived_members, 0) end
        as spoken_30d_share, -- posted within 30 d, of archived_members
    case when windows.is_complete_30d then cohorts.median_hours end
        as median_hours_to_first_message, -- median among those who spoke within 30 d
    windows.is_complete_24h, -- 24 hours are over and covered
    windows.is_complete_7d, -- 7 days are
    windows.is_complete_30d, -- 30 days are
    windows.is_order_complete_7d, -- 7 days of orders are
    windows.is_order_complete_30d -- 30 days of orders are
from cohorts
cross join settings
join windows
    on cohorts.group_id is not distinct from windows.group_id
    and cohorts.cohort_week = windows.cohort_week
