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
),

judged as (
    select
        cohorts.*,
        windows.is_complete_24h,
        windows.is_complete_7d,
        windows.is_complete_30d,
        windows.is_order_complete_7d,
        windows.is_order_complete_30d,
        case when windows.is_complete_7d then cast(cohorts.activated_7d_members as double) end as k,
        cast(cohorts.cohort_size as double) as n
    from cohorts
    join windows
        on cohorts.group_id is not distinct from windows.group_id
        and cohorts.cohort_week = windows.cohort_week
),

bounds as (
    select
        judged.*,
        (k + 1.920729410347062 - 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as low,
        (k + 1.920729410347062 + 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as high
    from judged
)

select
    bounds.group_id, -- group; NULL for the community
    bounds.cohort_week, -- week of the known first join
    bounds.cohort_size, -- members of the cohort
    bounds.archived_members, -- of them, who did not refuse message archiving
    bounds.former_customers, -- of them, who bought before joining
    case when bounds.is_complete_24h then bounds.activated_24h_members end
        as activated_24h_members, -- active within 24 h
    case when bounds.is_complete_24h
        then cast(bounds.activated_24h_members as double) / bounds.cohort_size end
        as activated_24h_rate, -- of the cohort
    case when bounds.is_complete_7d then bounds.activated_7d_members end
        as activated_7d_members, -- active within 168 h
    case when bounds.is_complete_7d
        then cast(bounds.activated_7d_members as double) / bounds.cohort_size end
        as activated_7d_rate, -- of the cohort
    case when bounds.low > 0 then bounds.low when bounds.low is not null then 0.0 end
        as activated_7d_low, -- Wilson 95 %
    case when bounds.high < 1 then bounds.high when bounds.high is not null then 1.0 end
        as activated_7d_high, -- Wilson 95 %
    case when bounds.is_order_complete_7d then bounds.first_order_7d_members end
        as first_order_7d_members, -- with a paid order within 168 h
    case when bounds.is_order_complete_7d
        then cast(bounds.first_order_7d_members as double) / bounds.cohort_size end
        as first_order_7d_rate, -- of the cohort
    case when bounds.is_order_complete_30d then bounds.first_order_30d_members end
        as first_order_30d_members, -- with a paid order within 30 d
    case when bounds.is_order_complete_30d
        then cast(bounds.first_order_30d_members as double) / bounds.cohort_size end
        as first_order_30d_rate, -- of the cohort
    case when bounds.is_order_complete_30d then bounds.first_order_30d_new_members end
        as first_order_30d_new_members, -- of those, who had never bought
    case when bounds.is_order_complete_30d then bounds.first_order_30d_former_members end
        as first_order_30d_former_members, -- and who had
    case when settings.watermark_message_at is not null and bounds.is_complete_24h
        then cast(bounds.spoken_24h_members as double) / nullif(bounds.archived_members, 0) end
        as spoken_24h_share, -- posted within 24 h, of archived_members
    case when settings.watermark_message_at is not null and bounds.is_complete_7d
        then cast(bounds.spoken_7d_members as double) / nullif(bounds.archived_members, 0) end
        as spoken_7d_share, -- posted within 168 h, of archived_members
    case when settings.watermark_message_at is not null and bounds.is_complete_30d
        then cast(bounds.spoken_30d_members as double) / nullif(bounds.archived_members, 0) end
        as spoken_30d_share, -- posted within 30 d, of archived_members
    case when bounds.is_complete_30d then bounds.median_hours end
        as median_hours_to_first_message, -- median among those who spoke within 30 d
    bounds.is_complete_24h, -- 24 hours are over and covered
    bounds.is_complete_7d, -- 7 days are
    bounds.is_complete_30d, -- 30 days are
    bounds.is_order_complete_7d, -- 7 days of orders are
    bounds.is_order_complete_30d, -- 30 days of orders are
    case
        when not bounds.is_complete_7d then 'not_mature'
        when settings.watermark_order_at is null then 'no_order_export'
        when settings.watermark_message_at is null then 'no_message_export'
        when not bounds.is_complete_30d then 'not_mature'
    end as reason -- why a value of the row is missing
from bounds
cross join settings
