-- One row per measure of groups: full, dead, dying, without sales; groups by type.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M11 = full_group_share, capacity_fill
-- concept: M13 = groups_in_type
-- concept: M17 = dead_group_share, no_sales_group_share, unknown_group_share
-- concept: M18 = dying_group_share
-- Groups of group_health.weekly, per week and at R. Dead and dying among the groups that can be
-- judged: covered, of min_group_members members or more, not young.
with

weekly as (select * from group_health.weekly),

states as (select * from group_health.states),

snapshots as (select * from group_health.snapshots),

groups as (select * from core.groups),

settings as (select * from core.settings),

looked_at as (
    select
        weekly.group_id,
        groups.group_type,
        cast(weekly.week_start as varchar) as period,
        weekly.members,
        groups.capacity,
        weekly.state,
        states.is_covered and weekly.state <> 'new' as is_judged
    from weekly
    join states on weekly.group_id = states.group_id and weekly.week_start = states.week_start
    join groups on weekly.group_id = groups.group_id
    union all
    select
        weekly.group_id, groups.group_type, 'at_report', weekly.members, groups.capacity,
        weekly.state, states.is_covered and weekly.state <> 'new'
    from weekly
    join states on weekly.group_id = states.group_id and weekly.week_start = states.week_start
    join groups on weekly.group_id = groups.group_id
    join snapshots on weekly.group_id = snapshots.group_id
        and weekly.week_start = snapshots.week_start
    where snapshots.is_report
),

-- A row per measure at the report stands also where no group is known.
scopes as (
    select 'community' as subject_kind, 'all' as subject, period from looked_at
    union
    select 'community', 'all', 'at_report' from settings
    union
    select 'group_type', coalesce(group_type, 'unknown'), period from looked_at
),

sums as (
    select
        scopes.subject_kind,
        scopes.subject,
        scopes.period,
        count(looked_at.group_id) as groups,
        count(case when looked_at.members
            >= settings.over_capacity_share * looked_at.capacity then 1 end) as full_groups,
        sum(looked_at.members) as members,
        sum(looked_at.capacity) as capacity,
        count(case when looked_at.state = 'unknown' then 1 end) as unknown_groups,
        count(case when looked_at.is_judged then 1 end) as judged,
        count(case when looked_at.state = 'dead' then 1 end) as dead,
        count(case when looked_at.state = 'dying' then 1 end) as dying,
        count(case when looked_at.state = 'no_sales' then 1 end) as no_sales
    from scopes
    cross join settings
    left join looked_at on scopes.period = looked_at.period
        and (scopes.subject_kind = 'community'
            or scopes.subject = coalesce(looked_at.group_type, 'unknown'))
    group by scopes.subject_kind, scopes.subject, scopes.period
),

measures as (
    select 'M11' as concept_id, 'full_group_share' as measure, subject_kind, subject, period,
        full_groups as numerator, groups as denominator, 'no_groups' as empty_reason,
        'any' as needs from sums
    union all
    select 'M11', 'capacity_fill', subject_kind, subject, period, members, capacity, 'no_groups',
        'any' from sums
    union all
    select 'M17', 'dead_group_share', subject_kind, subject, period, dead, judged,
        'no_judged_groups', 'message' from sums
    union all
    select 'M17', 'no_sales_group_share', subject_kind, subject, period, no_sales, judged,
        'no_judged_groups', 'order' from sums
    union all
    select 'M17', 'unknown_group_share', subject_kind, subject, period, unknown_groups, groups,
        'no_groups', 'any' from sums
    union all
    select 'M18', 'dying_group_share', subject_kind, subject, period, dying, judged,
        'no_judged_groups', 'message' from sums
    union all
    select 'M13', 'groups_in_type', sums.subject_kind, sums.subject, sums.period, sums.groups,
        whole.groups, 'no_groups', 'any'
    from sums
    join sums as whole on sums.period = whole.period and whole.subject_kind = 'community'
    where sums.subject_kind = 'group_type' or sums.groups = 0
),

told as (
    select
        measures.*,
        case
            when measures.needs = 'message' and settings.watermark_message_at is null
                then 'no_message_export'
            when measures.needs = 'order' and settings.watermark_order_at is null
                then 'no_order_export'
            when measures.denominator is null or measures.denominator = 0
                then measures.empty_reason
        end as missing
    from measures
    cross join settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or group_type
    subject, -- all, or the type
    period, -- at_report, or the first day of a week
    case
        when missing is not null then null
        when measure = 'groups_in_type' then cast(numerator as double)
        else cast(numerator as double) / cast(denominator as double)
    end as value, -- numerator / denominator; groups_in_type: the groups
    case when missing is null then cast(numerator as double) end as numerator, -- what is counted
    case when missing is null and measure <> 'groups_in_type' then cast(denominator as double) end
        as denominator, -- of what; NULL for a count
    missing as reason -- why there is no value
from told
