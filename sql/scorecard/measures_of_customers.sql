-- One row per week and metric of invitations, link coverage and repurchase on the first page.
-- grain: week_start, metric
-- Invitations stand in the week after they were sent, when their seven days are over.
-- repurchase_90d_rate: buyers whose 90 days after the first purchase day ended in the 28 days
-- before the week's end; empty when an order day of these 118 is uncovered. link_coverage: of the
-- buyers of 365 days, who is in a group; empty when an order day of these is. Days before the first
-- export are no hole.
with

referral_weekly as (select * from referral.weekly),

community_stays as (select * from core.community_stays),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

purchases as (select * from core.orders),

calendar as (select * from core.calendar),

-- Weeks by which a cohort metric lags: the first week end at or after cohort week end + window.
lags as (
    select cohort.week_start
        as cohort_week, later.week_start, later.week_number - cohort.week_number as lag_weeks
    from weeks as cohort
    join weeks as later
        on later.week_number > cohort.week_number
        and later.week_number <= cohort.week_number + 14
),

referral_values as (
    select lags.week_start, 'invites_per_active' as metric, referral_weekly.invites_per_active
        as value,
        cast(referral_weekly.invites_sent as double) as numerator,
        cast(referral_weekly.active_members as double) as denominator, referral_weekly.is_complete,
        referral_weekly.week_start as cohort_week, referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
    union all
    select lags.week_start, 'k_factor', referral_weekly.k_factor,
        cast(referral_weekly.invites_joined as double),
        cast(referral_weekly.active_members as double), referral_weekly.is_complete,
            referral_weekly.week_start,
        referral_weekly.reason
    from referral_weekly
    join lags on referral_weekly.week_start = lags.cohort_week and lags.lag_weeks = 1
),

-- Uncovered order days in the 365 and the 118 days that end with a week, none of them counted that
-- lies before the first export.
first_days as (
    select min(order_days_missed) as missed_before from calendar where is_order_covered
),

order_weeks as (
    select
        weeks.week_start,
        weeks.last_day,
        weeks.week_end_at,
        weeks.is_order_complete,
        weeks.is_join_complete,
        ends.order_days_missed - greatest(coalesce(year_starts.order_days_missed, 0),
            first_days.missed_before) as year_holes,
        ends.order_days_missed - greatest(coalesce(starts.order_days_missed, 0),
            first_days.missed_before) as repurchase_holes
    from weeks
    cross join first_days
    join calendar as ends on weeks.last_day = ends.day
    left join calendar as year_starts on ends.day_number - 365 = year_starts.day_number
    left join calendar as starts on ends.day_number - 118 = starts.day_number
    where weeks.order_days > 0
),

-- Who bought in the 365 days before a week's end is found at the latest purchase day before it.
purchase_days as (
    select distinct member_id, paid_day from purchases where is_paid and is_counted
),

latest_days as (
    select
        member_id,
        paid_day,
        least(
            paid_day + 365,
            coalesce(lead(paid_day) over (partition by member_id order by paid_day), paid_day + 365)
        ) as until_day
    from purchase_days
),

buyer_weeks as (
    select order_weeks.week_start, order_weeks.week_end_at, latest_days.member_id
    from latest_days
    join order_weeks
        on order_weeks.is_order_complete
        and latest_days.paid_day <= order_weeks.last_day
        and latest_days.until_day > order_weeks.last_day
),

link_values as (
    select
        buyer_weeks.week_start,
        count(community_stays.member_id) as linked,
        count(*) as buyers
    from buyer_weeks
    left join community_stays
        on buyer_weeks.member_id = community_stays.member_id
        and community_stays.joined_at < buyer_weeks.week_end_at
        and (community_stays.left_at is null
            or community_stays.left_at >= buyer_weeks.week_end_at)
    group by buyer_weeks.week_start
),

first_purchases as (
    select
        member_id,
        min(paid_day) as first_day,
        min(case when purchase_number = 2 then paid_day end) as second_day
    from purchases
    where is_paid and is_counted
    group by member_id
),

earliest as (select min(first_day) as first_day from first_purchases),

-- Buyers whose 90 days after the first purchase day ended within the 28 days before the week's end.
repurchase_values as (
    select
        order_weeks.week_start,
        count(*) as matured,
        count(case when first_purchases.second_day < first_purchases.first_day + 90 then 1 end)
            as repurchased
    from first_purchases
    join order_weeks
        on order_weeks.is_order_complete
        and first_purchases.first_day + 90 <= order_weeks.last_day
        and first_purchases.first_day + 118 > order_weeks.last_day
    group by order_weeks.week_start
),

judged as (
    select
        order_weeks.week_start,
        'link_coverage' as metric,
        coalesce(link_values.linked, 0) as part,
        coalesce(link_values.buyers, 0) as whole,
        case
            when settings.report_join_at is null then 'no_join_export'
            when not order_weeks.is_order_complete then 'incomplete_week'
            when not order_weeks.is_join_complete or order_weeks.year_holes > 0 then 'not_covered'
            when link_values.buyers is null then 'no_buyers'
        end as reason
    from order_weeks
    cross join settings
    left join link_values on order_weeks.week_start = link_values.week_start
    union all
    select
        order_weeks.week_start,
        'repurchase_90d_rate',
        coalesce(repurchase_values.repurchased, 0),
        coalesce(repurchase_values.matured, 0),
        case
            when not order_weeks.is_order_complete then 'incomplete_week'
            when order_weeks.repurchase_holes > 0 then 'not_covered'
            when coalesce(earliest.first_day + 90 > order_weeks.last_day, true) then 'not_mature'
            when repurchase_values.matured is null then 'no_buyers'
        end
    from order_weeks
    cross join earliest
    left join repurchase_values on order_weeks.week_start = repurchase_values.week_start
),

all_values as (
    select week_start, metric, value, numerator, denominator, is_complete, cohort_week, reason
    from referral_values
    union all
    select
        week_start,
        metric,
        case when reason is null then cast(part as double) / whole end,
        cast(part as double),
        cast(whole as double),
        reason is null,
        cast(null as date),
        reason
    from judged
)

select
    week_start, -- week it stands in
    metric, -- key of the metric
    value, -- its value
    numerator, -- what is counted
    denominator, -- of how many
    is_complete, -- whether everything it needs is over and covered
    cohort_week, -- cohort it speaks of, where that is another week
    reason -- why it has no value
from all_values
