-- One row per week and scope (the community: group_id NULL, or a group): who is new, stays, comes
-- back or falls silent?
-- grain: group_id, week_start
-- new = active for the first time in the export; returning = also active the week before;
-- resurrecting = seen before, but not the week before; dormant = active the week before, not now,
-- as a negative number. NULL in a week that is not complete; next to one, only new is known.
with

spans as (select * from retention.scope_spans),

scope_weeks as (select * from retention.scope_weeks),

weeks as (select * from core.weeks),

actives as (
    select
        scope_weeks.group_id,
        scope_weeks.week_start,
        weeks.week_number,
        lag(weeks.week_number) over (
            partition by scope_weeks.group_id, scope_weeks.member_id order by weeks.week_number
        ) as previous_number
    from scope_weeks
    join weeks on scope_weeks.week_start = weeks.week_start
),

counts as (
    select
        group_id,
        week_start,
        count(*) as active,
        count(case when previous_number is null then 1 end) as new,
        count(case when previous_number = week_number - 1 then 1 end) as stayed,
        count(case when previous_number < week_number - 1 then 1 end) as resurrecting
    from actives
    group by group_id, week_start
),

followed as (
    select
        spans.group_id,
        spans.week_start,
        spans.is_complete,
        spans.is_first_week,
        coalesce(counts.active, 0) as active,
        coalesce(counts.new, 0) as new,
        coalesce(counts.stayed, 0) as stayed,
        coalesce(counts.resurrecting, 0) as resurrecting,
        lag(coalesce(counts.active, 0)) over (
            partition by spans.group_id order by spans.week_start) as active_before,
        coalesce(lag(spans.is_complete) over (
            partition by spans.group_id order by spans.week_start), false) as is_before_complete
    from spans
    left join counts
        on spans.group_id is not distinct from counts.group_id
        and spans.week_start = counts.week_start
),

judged as (
    select
        followed.*,
        is_complete and (is_first_week or is_before_complete) as is_compared
    from followed
)

select
    group_id, -- group; NULL for the community
    week_start, -- first day of the week
    case when is_complete then active end as active, -- members active in the week
    case when is_complete then new end as new, -- for the first time in the export
    case when is_compared then stayed end
        as stayed, -- returning: also active the week before
    case when is_compared then resurrecting end
        as resurrecting, -- active before, but not the week before
    case when is_compared then stayed - coalesce(active_before, 0) end
        as dormant, -- active the week before and not now, as a negative number
    is_complete, -- whether all activity of the week is known
    is_compared, -- and that of the week before, or activity begins in the week
    case
        when not is_complete then 'incomplete_week'
        when not is_compared then 'not_covered'
    end as reason -- why a value of the row is missing
from judged
