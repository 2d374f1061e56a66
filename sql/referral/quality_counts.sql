-- One row per source (invited, not_invited; unknown where no invitation is known) and cohort week:
-- how many of its members stayed, woke up and bought.
-- grain: source, cohort_week
-- Both sources for every cohort week, also with nobody. Counts are NULL until their window is over
-- for the whole cohort and covered.
with

people as (select * from referral.sources),

windows as (select * from activation.windows),

weeks as (select * from core.weeks),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

exit_windows as (select * from acquisition.exit_windows),

sources as (
    select source from people
    union
    select 'invited' as source from people where source <> 'unknown'
    union
    select 'not_invited' as source from people where source <> 'unknown'
),

counts as (
    select
        cohort_week,
        source,
        count(*) as members,
        count(case when is_kept_7d then 1 end) as survived_7d_members,
        count(case when is_surely_kept_7d then 1 end) as survived_7d_least,
        count(case when is_active_7d then 1 end) as activated_7d_members,
        count(case when is_active_30d then 1 end) as activated_30d_members,
        count(case when is_buyer_30d then 1 end) as buyer_30d_members
    from people
    group by cohort_week, source
),

cohorts as (select cohort_week from people group by cohort_week),

judged as (
    select
        windows.cohort_week,
        weeks.week_end_at,
        windows.is_complete_7d,
        windows.is_complete_30d,
        windows.is_order_complete_30d,
        coalesce(weeks.week_end_at + interval 168 hour <= settings.watermark_join_at
            and calendar.join_days_missed = weeks.join_missed_before, false) as is_join_complete_7d,
        coalesce(exit_windows.is_known_7d, true) as is_exit_known_7d
    from windows
    cross join settings
    join cohorts on windows.cohort_week = cohorts.cohort_week
    join weeks on windows.cohort_week = weeks.week_start
    left join exit_windows on windows.cohort_week = exit_windows.cohort_week
    left join calendar
        on weeks.week_end_at + interval 168 hour > calendar.day_start_at
        and weeks.week_end_at + interval 168 hour <= calendar.day_end_at
    where windows.group_id is null
)

select
    sources.source, -- invited by a counted member, not_invited, or unknown
    judged.cohort_week, -- week of the known first join
    coalesce(counts.members, 0) as members, -- members of the cohort from this source
    case when judged.is_join_complete_7d and exported.has_exits and judged.is_exit_known_7d
        then coalesce(counts.survived_7d_members, 0) end
        as survived_7d_members, -- of them, who did not leave and were not removed within 168 h
    case when judged.is_join_complete_7d and exported.has_exits
        then coalesce(counts.survived_7d_least, 0) end
        as survived_7d_least, -- of them, who did not for sure
    case when judged.is_join_complete_7d and exported.has_exits
        then coalesce(counts.survived_7d_members, 0) end
        as survived_7d_most, -- of them, who perhaps did not
    judged.is_exit_known_7d, -- exits are told, or member lists are less than 7 days apart
    case when judged.is_complete_7d then coalesce(counts.activated_7d_members, 0) end
        as activated_7d_members, -- active within 168 h
    case when judged.is_complete_30d then coalesce(counts.activated_30d_members, 0) end
        as activated_30d_members, -- active within 30 d
    case when judged.is_order_complete_30d then coalesce(counts.buyer_30d_members, 0) end
        as buyer_30d_members, -- with a paid order within 30 d
    judged.is_join_complete_7d, -- 7 days of joins and exits are over and covered
    judged.is_complete_7d, -- 7 days of activity are
    judged.is_complete_30d, -- 30 days of activity are
    judged.is_order_complete_30d, -- 30 days of orders are
    coalesce(
        judged.week_end_at <= settings.watermark_join_at and (
            (not judged.is_join_complete_7d
                and judged.week_end_at + interval 168 hour <= settings.watermark_join_at)
            or (not judged.is_complete_7d
                and judged.week_end_at + interval 168 hour <= settings.watermark_activity_at)
            or (not judged.is_complete_30d
                and judged.week_end_at + interval 720 hour <= settings.watermark_activity_at)
            or (not judged.is_order_complete_30d
                and judged.week_end_at + interval 720 hour <= settings.watermark_order_at)
        ),
        false
    ) as has_hole -- a window is over and a day of it was not exported
from judged
cross join sources
cross join exported
cross join settings
left join counts on judged.cohort_week = counts.cohort_week and sources.source = counts.source
