-- One row per cohort week: do new members wake up in the first days?
-- grain: cohort_week
-- concept: M14 = activated_7d_rate, activated_24h_rate
-- concept: M24 = spoken_24h_share, spoken_7d_share, spoken_30d_share
-- concept: M24 = median_hours_to_first_message
-- concept: M47 = first_order_30d_members, first_order_30d_rate
-- concept: M47 = first_order_30d_new_members, first_order_30d_former_members
-- M14 activation, M24 time to first message, M47 first order. Known first joins in the community
-- only; NULL until the window is over for the whole cohort. Wilson 95 % interval on the 7-day rate.
with

scope_cohorts as (select * from activation.scope_cohorts)

select
    cohort_week, -- week of the known first join
    cohort_size, -- members of the cohort
    activated_24h_members, -- active within 24 h of the join
    activated_24h_rate, -- of the cohort
    activated_7d_members, -- active within 168 h
    activated_7d_rate, -- of the cohort
    activated_7d_low, -- Wilson 95 %
    activated_7d_high, -- Wilson 95 %
    first_order_7d_members, -- with a paid order within 168 h
    first_order_7d_rate, -- of the cohort
    first_order_30d_members, -- with a paid order within 30 d
    first_order_30d_rate, -- of the cohort
    former_customers, -- members of the cohort who bought before joining
    first_order_30d_new_members, -- of those, who had never bought
    first_order_30d_former_members, -- and by those who had
    archived_members, -- members who did not refuse message archiving
    spoken_24h_share, -- posted within 24 h, of archived_members
    spoken_7d_share, -- posted within 168 h, of archived_members
    spoken_30d_share, -- posted within 30 d, of archived_members
    median_hours_to_first_message, -- among those who spoke within 30 d
    is_complete_24h, -- 24 hours are over and covered
    is_complete_7d, -- 7 days are
    is_complete_30d, -- 30 days are
    is_order_complete_7d, -- 7 days of orders are
    is_order_complete_30d, -- 30 days of orders are
    reason -- why a value of the row is missing
from scope_cohorts
where group_id is null
