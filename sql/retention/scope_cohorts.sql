-- One row per cohort week, scope (the community: group_id NULL, or a group) and week after it.
-- grain: group_id, cohort_week, week_index
-- M42: of the members whose known first join is in the cohort week, how many were active in week k
-- after it. Week 0 counts from the join on. NULL until the week is over and covered without a hole.
with

joiners as (select * from activation.joiners),

scope_weeks as (select * from retention.scope_weeks),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

cohorts as (
    select group_id, cohort_week, count(*) as cohort_size
    from joiners
    group by group_id, cohort_week
),

steps as (
    select
        cohorts.group_id,
        cohorts.cohort_week,
        cohorts.cohort_size,
        later.week_number - first_weeks.week_number as week_index,
        later.week_start,
        later.week_end_at,
        later.week_end_at <= settings.watermark_activity_at
            and first_weeks.week_end_at <= settings.watermark_join_at
            and (later.activity_days = 7
                or (later.week_start = cohorts.cohort_week and later.activity_hole_days = 0))
                    as is_covered
    from cohorts
    cross join settings
    join weeks as first_weeks on cohorts.cohort_week = first_weeks.week_start
    join weeks as later
        on later.week_number >= first_weeks.week_number
        and later.week_number <= first_weeks.week_number + settings.retention_weeks
),

group_holes as (
    select distinct coverage.group_id, calendar.week_start
    from coverage
    join calendar on coverage.day = calendar.day
    where coverage.event_kind in ('message', 'order') and not coverage.is_covered
),

actives as (
    select
        joiners.group_id,
        joiners.cohort_week,
        scope_weeks.week_start,
        count(*) as active_members,
        count(case when scope_weeks.is_posting then 1 end) as posting_members,
        count(case when scope_weeks.is_buying then 1 end) as buying_members
    from joiners
    join scope_weeks
        on joiners.member_id = scope_weeks.member_id
        and joiners.group_id is not distinct from scope_weeks.group_id
        and scope_weeks.week_start > joiners.cohort_week
    group by joiners.group_id, joiners.cohort_week, scope_weeks.week_start
    union all
    select
        joiners.group_id,
        joiners.cohort_week,
        joiners.cohort_week as week_start,
        count(case when joiners.first_active_at < weeks.week_end_at then 1 end) as active_members,
        count(case when joiners.first_message_at < weeks.week_end_at then 1 end) as posting_members,
        count(case when joiners.first_paid_at < weeks.week_end_at then 1 end) as buying_members
    from joiners
    join weeks on joiners.cohort_week = weeks.week_start
    group by joiners.group_id, joiners.cohort_week
),

judged as (
    select
        steps.*,
        coalesce(steps.is_covered, false) and group_holes.week_start is null as is_complete,
        coalesce(actives.active_members, 0) as active_members,
        coalesce(actives.posting_members, 0) as posting_members,
        coalesce(actives.buying_members, 0) as buying_members
    from steps
    left join actives
        on steps.group_id is not distinct from actives.group_id
        and steps.cohort_week = actives.cohort_week
        and steps.week_start = actives.week_start
    left join group_holes on steps.group_id = group_holes.group_id
        and steps.week_start = group_holes.week_start
)

select
    judged.group_id, -- group; NULL for the community
    judged.cohort_week, -- week of the known first join
    judged.week_index, -- calendar weeks after it; 0 is the join week from the join on
    judged.cohort_size, -- members of the cohort
    case when judged.is_complete then judged.active_members end
        as active_members, -- active in that week
    case when judged.is_complete and settings.watermark_message_at is not null
        then judged.posting_members end
        as posting_members, -- of them, who posted
    case when judged.is_complete and settings.watermark_order_at is not null
        then judged.buying_members end
        as buying_members, -- of them, who bought
    case when judged.is_complete then cast(judged.active_members as double) / judged.cohort_size end
        as retention_rate, -- active_members / cohort_size
    judged.is_complete, -- whether the week is over and covered
    case
        when judged.is_complete then null
        when settings.watermark_activity_at is null then 'no_activity_export'
        when judged.week_end_at > settings.watermark_activity_at then 'not_mature'
        else 'no_export'
    end as reason -- why the row has no value
from judged
cross join settings
