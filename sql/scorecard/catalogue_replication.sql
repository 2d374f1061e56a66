-- One row per measure of groups opened from another group.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M78 = replicated_groups, days_to_healthy, parent_fell_share
-- Days from a child group's opening (created_at, else first seen) to the end of the first week with
-- a score of watch_score or more; median for all. A parent fell if its score four weeks after the
-- opening is below that of the last week before it. The last 26 weeks.
with

groups as (select * from core.groups),

scores as (select * from group_health.scores),

instants as (select * from group_health.instants),

stays as (select * from core.stays),

settings as (select * from core.settings),

exported as (select * from core.exported),

first_seen as (select group_id, min(joined_at) as first_at from stays group by group_id),

children as (
    select
        groups.group_id,
        groups.parent_group_id,
        coalesce(groups.created_at, first_seen.first_at) as opened_at
    from groups
    left join first_seen on groups.group_id = first_seen.group_id
    where groups.parent_group_id is not null
),

weekly as (
    select scores.group_id, scores.score, instants.week_end_at
    from scores
    join instants on scores.week_start = instants.week_start
),

-- A child opened before the weeks that are looked at may have been healthy before them.
first_instants as (select min(week_end_at) as first_end_at from instants),

grown as (
    select
        children.group_id,
        min(case when weekly.score >= settings.watch_score then weekly.week_end_at end)
            as healthy_at
    from children
    cross join settings
    cross join first_instants
    join weekly
        on children.group_id = weekly.group_id and weekly.week_end_at > children.opened_at
    where children.opened_at >= first_instants.first_end_at - interval 168 hour
    group by children.group_id
),

parents as (
    select
        children.group_id,
        max_by(case when weekly.week_end_at <= children.opened_at then weekly.score end,
            case when weekly.week_end_at <= children.opened_at then weekly.week_end_at end)
            as score_before,
        min_by(
            case when weekly.week_end_at >= children.opened_at + interval 672 hour
                then weekly.score end,
            case when weekly.week_end_at >= children.opened_at + interval 672 hour
                then weekly.week_end_at end
        ) as score_after
    from children
    join weekly on children.parent_group_id = weekly.group_id
    group by children.group_id
),

told as (
    select
        children.group_id,
        date_diff('microsecond', children.opened_at, grown.healthy_at) / 86400000000.0 as days,
        parents.score_before is not null and parents.score_after is not null as is_parent_known,
        coalesce(parents.score_after < parents.score_before, false) as is_parent_fallen
    from children
    left join grown on children.group_id = grown.group_id
    left join parents on children.group_id = parents.group_id
),

totals as (
    select
        count(*) as children,
        median(days) as days,
        count(days) as healthy,
        count(case when is_parent_known then 1 end) as parents,
        count(case when is_parent_fallen then 1 end) as fallen
    from told
),

group_count as (select count(*) as all_groups from groups),

measures as (
    select 'replicated_groups' as measure, 'community' as subject_kind, 'all' as subject,
        cast(children as double) as value, cast(children as double) as numerator,
        cast(all_groups as double) as denominator, cast(null as varchar) as none
    from totals
    cross join group_count
    union all
    select 'days_to_healthy', 'community', 'all', days, cast(healthy as double),
        cast(children as double), 'not_reached'
    from totals
    union all
    select 'parent_fell_share', 'community', 'all', cast(fallen as double) / nullif(parents, 0),
        cast(fallen as double), cast(parents as double), 'no_scores'
    from totals
    union all
    select 'days_to_healthy', 'group', group_id, days, null, null, 'not_reached'
    from told
)

select
    'M78' as concept_id, -- concept
    measures.measure, -- what is measured
    measures.subject_kind, -- community or group
    measures.subject, -- all, or the child group
    'at_report' as period, -- at R
    case when exported.has_parent_groups then measures.value end as value, -- the number
    case when exported.has_parent_groups then measures.numerator end as numerator, -- counted
    case when exported.has_parent_groups then measures.denominator end as denominator, -- of what
    case when not exported.has_parent_groups then 'no_parent_groups'
        when measures.value is null then measures.none end as reason -- why there is no value
from measures
cross join exported
