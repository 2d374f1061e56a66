-- One row per source (invited, not_invited; unknown where no invitation is known) and cohort week:
-- are invited members worth as much?
-- grain: source, cohort_week
-- M69, same weeks. Known first joins. Survival: the first community stay did not end by leaving or
-- being removed within 168 h. NULL until the window is over for the whole cohort and covered.
-- Wilson 95 % intervals. Where only member lists tell exits and they are 7 days or more apart,
-- bounds stand instead of survival_7d.
-- concept: M69 = survival_7d, activated_7d_rate, activated_30d_rate, buyer_30d_rate
with

cohorts as (select * from referral.quality_counts),

exported as (select * from core.exported),

counted as (
    select source, cohort_week, 'survival_7d' as measure, cast(survived_7d_members as double) as k,
        cast(nullif(members, 0) as double) as n from cohorts
    union all
    select source, cohort_week, 'activated_7d', cast(activated_7d_members as double),
        cast(nullif(members, 0) as double) from cohorts
    union all
    select source, cohort_week, 'activated_30d', cast(activated_30d_members as double),
        cast(nullif(members, 0) as double) from cohorts
    union all
    select source, cohort_week, 'buyer_30d', cast(buyer_30d_members as double),
        cast(nullif(members, 0) as double) from cohorts
),

intervals as (
    select
        source,
        cohort_week,
        measure,
        k / n as rate,
        greatest(0.0, (k + 1.920729410347062
            - 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124)) as low,
        least(1.0, (k + 1.920729410347062
            + 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124)) as high
    from counted
    where k is not null and n is not null
),

rates as (
    select
        source,
        cohort_week,
        max(case when measure = 'survival_7d' then rate end) as survival_7d,
        max(case when measure = 'survival_7d' then low end) as survival_7d_low,
        max(case when measure = 'survival_7d' then high end) as survival_7d_high,
        max(case when measure = 'activated_7d' then rate end) as activated_7d_rate,
        max(case when measure = 'activated_7d' then low end) as activated_7d_low,
        max(case when measure = 'activated_7d' then high end) as activated_7d_high,
        max(case when measure = 'activated_30d' then rate end) as activated_30d_rate,
        max(case when measure = 'activated_30d' then low end) as activated_30d_low,
        max(case when measure = 'activated_30d' then high end) as activated_30d_high,
        max(case when measure = 'buyer_30d' then rate end) as buyer_30d_rate,
        max(case when measure = 'buyer_30d' then low end) as buyer_30d_low,
        max(case when measure = 'buyer_30d' then high end) as buyer_30d_high
    from intervals
    group by source, cohort_week
)

select
    cohorts.source, -- invited by a counted member, not_invited, or unknown
    cohorts.cohort_week, -- week of the known first join
    cohorts.members, -- members of the cohort from this source
    cohorts.survived_7d_members, -- of them, who did not leave and were not removed within 168 h
    rates.survival_7d, -- survived_7d_members / members
    cast(cohorts.survived_7d_least as double) / nullif(cohorts.members, 0)
        as survival_7d_least, -- stayed for sure / members
    cast(cohorts.survived_7d_most as double) / nullif(cohorts.members, 0)
        as survival_7d_most, -- stayed, for sure or perhaps / members
    rates.survival_7d_low, -- Wilson 95 %
    rates.survival_7d_high, -- Wilson 95 %
    cohorts.activated_7d_members, -- active within 168 h
    rates.activated_7d_rate, -- of the members
    rates.activated_7d_low, -- Wilson 95 %
    rates.activated_7d_high, -- Wilson 95 %
    cohorts.activated_30d_members, -- active within 30 d
    rates.activated_30d_rate, -- of the members
    rates.activated_30d_low, -- Wilson 95 %
    rates.activated_30d_high, -- Wilson 95 %
    cohorts.buyer_30d_members, -- with a paid order within 30 d
    rates.buyer_30d_rate, -- of the members
    rates.buyer_30d_low, -- Wilson 95 %
    rates.buyer_30d_high, -- Wilson 95 %
    cohorts.is_join_complete_7d, -- 7 days of joins and exits are over and covered
    cohorts.is_complete_7d, -- 7 days of activity are
    cohorts.is_complete_30d, -- 30 days of activity are
    cohorts.is_order_complete_30d, -- 30 days of orders are
    cohorts.survived_7d_members is not null and cohorts.activated_30d_members is not null
        and cohorts.buyer_30d_members is not null
        as is_complete, -- whether everything is over and covered
    case
        when cohorts.source = 'unknown' then 'no_invite_export'
        when cohorts.members = 0 then 'no_members'
        when not exported.has_exits then 'exits_not_exported'
        when not cohorts.is_exit_known_7d then 'lists_too_far_apart'
        when not exported.has_orders then 'no_order_export'
        when cohorts.survived_7d_members is null or cohorts.activated_30d_members is null
            or cohorts.buyer_30d_members is null
            then case when cohorts.has_hole then 'not_covered' else 'not_mature' end
    end as reason -- why a value of the row is missing
from cohorts
cross join exported
left join rates on cohorts.source = rates.source and cohorts.cohort_week = rates.cohort_week
