-- One row per cohort week: do new members wake up in the first days?
-- grain: cohort_week
-- concept: M14 = activated_7d_rate, activated_24h_rate
-- concept: M24 = spoken_24h_share, spoken_7d_share, spoken_30d_share
-- concept: M24 = median_hours_to_first_message
-- M14 activation, M24 time to first message, M47 first order. Known first joins in the community
-- only; NULL until the window is over for the whole cohort. Wilson 95 % interval on the 7-day rate.
with

scope_cohorts as (select * from activation.scope_cohorts),

settings as (select * from core.settings),

wilson as (
    select
        cohort_week,
        cast(activated_7d_members as double) as k,
        cast(cohort_size as double) as n
    from scope_cohorts
    where group_id is null and activated_7d_members is not null
),

intervals as (
    select
        cohort_week,
        (k + 1.920729410347062 - 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as low,
        (k + 1.920729410347062 + 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as high
    from wilson
)

select
    scope_cohorts.cohort_week, -- week of the known first join
    scope_cohorts.cohort_size, -- members of the cohort
    scope_cohorts.activated_24h_members, -- active within 24 h of the join
    scope_cohorts.activated_24h_rate, -- of the cohort
    scope_cohorts.activated_7d_members, -- active within 168 h
    scope_cohorts.activated_7d_rate, -- of the cohort
    case when intervals.low > 0 then intervals.low when intervals.low is not null then 0.0 end
        as activated_7d_low, -- Wilson 95 %
    case when intervals.high < 1 then intervals.high when intervals.high is not null then 1.0 end
        as activated_7d_high, -- Wilson 95 %
    scope_cohorts.first_order_7d_members, -- with a paid order within 168 h
    scope_cohorts.first_order_7d_rate, -- of the cohort
    scope_cohorts.first_order_30d_members, -- with a paid order within 30 d
    scope_cohorts.first_order_30d_rate, -- of the cohort
    scope_cohorts.former_customers, -- members of the cohort who bought before joining
    scope_cohorts.first_order_30d_new_members, -- of those, who had never bought
    scope_cohorts.first_order_30d_former_members, -- and by those who had
    scope_cohorts.archived_members, -- members who did not refuse message archiving
    scope_cohorts.spoken_24h_share, -- posted within 24 h, of archived_members
    scope_cohorts.spoken_7d_share, -- posted within 168 h, of archived_members
    scope_cohorts.spoken_30d_share, -- posted within 30 d, of archived_members
    scope_cohorts.median_hours_to_first_message, -- among those who spoke within 30 d
    scope_cohorts.is_complete_24h, -- 24 hours are over and covered
    scope_cohorts.is_complete_7d, -- 7 days are
    scope_cohorts.is_complete_30d, -- 30 days are
    scope_cohorts.is_order_complete_7d, -- 7 days of orders are
    scope_cohorts.is_order_complete_30d, -- 30 days of orders are
    case
        when not scope_cohorts.is_complete_7d then 'not_mature'
        when settings.watermark_order_at is null then 'no_order_export'
        when settings.watermark_message_at is null then 'no_message_export'
        when not scope_cohorts.is_complete_30d then 'not_mature'
    end as reason -- why a value of the row is missing
from scope_cohorts
cross join settings
left join intervals on scope_cohorts.cohort_week = intervals.cohort_week
where scope_cohorts.group_id is null
