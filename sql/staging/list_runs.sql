-- One row per person and run of lists of a group in which they stand without leaving.
-- grain: group_id, source, member_id, first_number
-- Missing in a list is an exit, unless a later list says that they joined before that list.
with

lists as (select * from staging.member_lists where is_present),

times as (select * from staging.list_times),

placed as (
    select
        lists.*,
        times.list_number,
        times.known_from,
        times.earlier_batch_at,
        times.previous_after,
        times.next_at,
        times.next_after,
        lag(times.list_number) over person as listed_before,
        lag(times.next_after) over person as missed_after
    from lists
    join times
        on lists.group_id = times.group_id
        and lists.source = times.source
        and lists.taken_at = times.taken_at
    window person as (
        partition by lists.group_id, lists.source, lists.member_id order by times.list_number
    )
),

marked as (
    select
        placed.*,
        listed_before is null or (
            listed_before < list_number - 1 and not coalesce(joined_at <= missed_after, false)
        ) as is_start
    from placed
),

numbered as (
    select
        marked.*,
        count(case when is_start then 1 end) over (
            partition by group_id, source, member_id order by list_number
        ) as run
    from marked
),

runs as (
    select
        group_id,
        source,
        member_id,
        run,
        min(list_number) as first_number,
        min(joined_at) as joined_at,
        max(case when is_start then taken_at end) as first_at,
        max(case when is_start then taken_after end) as first_after,
        max(case when is_start then known_from end) as known_from,
        max(case when is_start then earlier_batch_at end) as earlier_batch_at,
        max(case when is_start then previous_after end) as previous_after,
        arg_min(scene, list_number) as scene,
        arg_min(channel, list_number) as channel,
        arg_min(inviter_id, list_number) as inviter_id,
        arg_max(role, list_number) as role,
        max(taken_after) as last_after,
        arg_max(coalesce(next_at, timestamp '9999-01-01'), list_number) as missing_at,
        arg_max(coalesce(next_after, timestamp '9999-01-01'), list_number) as missing_after
    from numbered
    group by group_id, source, member_id, run
),

ended as (
    select
        runs.*,
        lead(joined_at) over (partition by group_id, source, member_id order by run)
            as next_joined_at
    from runs
)

select
    group_id, -- group
    source, -- where the lists come from
    member_id, -- person
    first_number, -- number of the first list of the run
    joined_at, -- earliest time of joining that a list of the run says
    first_at, -- first list, at the latest, naive UTC
    first_after, -- the same, at the earliest
    known_from, -- joins after it are known
    earlier_batch_at, -- last batch of the source before the group was listed first
    previous_after, -- list before the run; NULL where there is none
    scene, -- how the member came in
    channel, -- where the member came from
    inviter_id, -- who brought the member
    role, -- role in the last list
    last_after, -- last list that shows the person, at the earliest
    case when missing_at < timestamp '9999-01-01'
        then least(missing_at, next_joined_at - interval 1 microsecond) end
        as missing_at, -- until when they had left, naive UTC; NULL while they are listed
    case when missing_at < timestamp '9999-01-01' then missing_after end
        as missing_after -- when the list that lacks them was taken at the earliest
from ended
