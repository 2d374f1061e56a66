-- One row per group and week at whose end it is looked at: from its first week until it is
-- dissolved.
-- grain: group_id, week_start
with

instants as (select * from group_health.instants),

groups as (select * from staging.groups),

group_starts as (select * from core.group_starts),

stays as (select * from core.stays),

first_seen as (
    select group_id, min(joined_at) as first_at
    from stays
    group by group_id
),

-- A group is looked at from its first week on, until it is dissolved.
pairs as (
    select
        groups.group_id,
        instants.*,
        coalesce(
            groups.created_at,
            case when first_seen.first_at > group_starts.start_at + interval 7 day
                then first_seen.first_at end
        ) as born_at
    from groups
    cross join instants
    left join first_seen on groups.group_id = first_seen.group_id
    left join group_starts on groups.group_id = group_starts.group_id
    where (groups.closed_at is null or groups.closed_at >= instants.week_end_at)
        and coalesce(groups.created_at, first_seen.first_at,
            instants.week_end_at) <= instants.week_end_at
)

select
    group_id, -- group
    week_start, -- week at whose end the group is looked at
    week_number, -- its number
    week_end_at, -- its end, naive UTC
    end_number, -- day number of the first day after it
    has_joins, -- whether joins reach it
    has_messages, -- whether messages do
    has_orders, -- whether orders do
    is_report, -- whether it is R, the instant of the report
    born_at -- when the group was made, or first seen well after the start of the export, naive UTC
from pairs
