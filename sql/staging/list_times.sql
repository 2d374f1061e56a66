-- One row per group, source and moment at which its members were listed.
-- grain: group_id, source, list_number
-- A group that a batch of lists lacks was not listed then: that is no exit.
with

lists as (select * from staging.member_lists),

settings as (select * from raw.settings),

times as (
    select group_id, source, taken_at, min(taken_after) as taken_after
    from lists
    group by group_id, source, taken_at
),

dated as (
    select
        times.*,
        cast(timezone(settings.time_zone, timezone('UTC', times.taken_after)) as date) as day
    from times
    cross join settings
),

-- The lists of one day are one batch, even where each group is asked for on its own.
batches as (select source, day, max(taken_at) as batch_at from dated group by source, day),

placed as (
    select
        source,
        day,
        lag(batch_at) over (partition by source order by day) as earlier_batch_at
    from batches
),

numbered as (
    select
        dated.*,
        row_number() over lists_of_group as list_number,
        lead(dated.taken_at) over lists_of_group as next_at,
        lead(dated.taken_after) over lists_of_group as next_after,
        lag(dated.taken_after) over lists_of_group as previous_after,
        first_value(placed.earlier_batch_at) over lists_of_group as earlier_batch_at,
        first_value(dated.taken_after) over lists_of_group as first_after
    from dated
    join placed on dated.source = placed.source and dated.day = placed.day
    window lists_of_group as (
        partition by dated.group_id, dated.source order by dated.taken_at
    )
)

select
    group_id, -- group
    source, -- where the lists come from
    list_number, -- 1 for the first list of the group
    day, -- business day of the list
    taken_at, -- when it was taken at the latest, naive UTC
    taken_after, -- when it was taken at the earliest
    previous_after, -- when the list before was taken at the earliest
    next_at, -- when the next list was taken at the latest; NULL for the last
    next_after, -- when the next list was taken at the earliest
    earlier_batch_at, -- last batch of the source before the group's first list
    case when list_number = 1 then earlier_batch_at else coalesce(earlier_batch_at, first_after) end
        as known_from -- later joins are known to this list; earlier ones show survivors only
from numbered
