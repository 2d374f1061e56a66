-- One row per person seen in any group: the first join in the community, if it is known.
-- grain: member_id
-- Known only if a join on or after the start of the export is the person's first sign in any group.
-- An invite to whatever group is such a sign, though it puts nobody into a group.
with

presence as (select * from core.presence),

invites as (select * from staging.invites),

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
),

first_invites as (
    select inviter_id as member_id, group_id, invited_at
    from invites
    qualify row_number() over (partition by inviter_id order by invited_at, group_id) = 1
)

select
    firsts.member_id, -- person
    firsts.action = 'join' and firsts.occurred_at >= coalesce(firsts.start_at, firsts.occurred_at)
        and first_invites.member_id is null as is_join_known, -- whether the first join is known
    case
        when firsts.action = 'join'
            and firsts.occurred_at >= coalesce(firsts.start_at, firsts.occurred_at)
            then firsts.occurred_at
        when firsts.action = 'listed' then greatest(firsts.occurred_at, starts.start_at)
        else coalesce(starts.start_at, firsts.occurred_at)
    end as first_joined_at, -- first join, or the start of the export where it is unknown, naive UTC
    coalesce(first_invites.group_id, firsts.group_id)
        as first_group_id, -- group of the first sign
    coalesce(first_invites.invited_at, firsts.occurred_at)
        as first_sign_at -- first sign in any group, naive UTC
from firsts
join starts on firsts.member_id = starts.member_id
left join first_invites
    on firsts.member_id = first_invites.member_id
    and first_invites.invited_at < firsts.occurred_at
