-- One row per age of groups in weeks: how many of those that got so old are still alive?
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M87 = group_survival
-- Groups whose birth is known and whose week k ended within the weeks of group_health.weekly: alive
-- unless dead at the first week's end at or after that age, or dissolved before it.
with

states as (select * from group_health.states),

instants as (select * from group_health.instants),

groups as (select * from core.groups),

pairs as (select * from group_health.pairs),

settings as (select * from core.settings),

ages as (
    select unnest([4, 8, 12, 16, 20, 26, 52]) as age_weeks
),

births as (
    select groups.group_id, groups.closed_at, coalesce(groups.created_at, max(pairs.born_at))
        as born_at
    from groups
    left join pairs on groups.group_id = pairs.group_id
    group by groups.group_id, groups.closed_at, groups.created_at
),

reached as (
    select
        ages.age_weeks,
        births.group_id,
        case
            when births.closed_at < instants.week_end_at then 0
            when states.state = 'dead' then 0
            when states.state <> 'unknown' then 1
        end as is_alive
    from ages
    cross join births
    join instants
        on instants.week_end_at >= births.born_at + ages.age_weeks * interval 7 day
        and instants.week_end_at < births.born_at + (ages.age_weeks + 1) * interval 7 day
    left join states on births.group_id = states.group_id
        and instants.week_start = states.week_start
),

sums as (
    select
        ages.age_weeks,
        count(reached.is_alive) as known,
        coalesce(sum(reached.is_alive), 0) as alive
    from ages
    left join reached on ages.age_weeks = reached.age_weeks
    group by ages.age_weeks
)

select
    'M87' as concept_id, -- concept
    'group_survival' as measure, -- what is measured
    'age_weeks' as subject_kind, -- age of the group
    cast(sums.age_weeks as varchar) as subject, -- in weeks
    'at_report' as period, -- at_report
    case when settings.watermark_message_at is not null
        then cast(sums.alive as double) / nullif(sums.known, 0) end
        as value, -- alive / groups that got so old
    case when settings.watermark_message_at is not null then cast(sums.alive as double) end
        as numerator, -- not dead at that age
    case when settings.watermark_message_at is not null then cast(sums.known as double) end
        as denominator, -- groups that got so old, their state known
    case
        when settings.watermark_message_at is null then 'no_message_export'
        when sums.known = 0 then 'no_groups'
    end as reason -- why there is no value
from sums
cross join settings
