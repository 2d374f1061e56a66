-- One row per person seen in any group: the first join in the community, if it is known.
-- grain: member_id
-- Known only if a join on or after the start of the export is the person's first sign in any group.
with

presence as (select * from core.presence),

firsts as (
    select *
    from presence
    qualify row_number() over (
        partition by member_id
        order by occurred_at, case when action = 'join' then 0 else 1 end, group_id, position
    ) = 1
),

starts as (
    select member_id, min(start_at) as start_at
    from presence
    group by member_id
)

select
    firsts.member_id, -- person
    firsts.action = 'join' and firsts.occurred_at >= coalesce(firsts.start_at, firsts.occurred_at)
        as is_join_known, -- whether the first join is known
    case
        when firsts.action = 'join'
            and firsts.occurred_at >= coalesce(firsts.start_at, firsts.occurred_at)
            then firsts.occurred_at
        else coalesce(starts.start_at, firsts.occurred_at)
    end as first_joined_at, -- first join, or the start of the export where it is unknown, naive UTC
    firsts.group_id as first_group_id, -- group of the first sign
    firsts.occurred_at as first_sign_at -- first sign in any group, naive UTC
from firsts
join starts on firsts.member_id = starts.member_id
