-- One row per stay of a member in the community: from no group to at least one, and back to none.
-- grain: member_id, stay_number
-- span: joined_at..left_at, left_after, exit_kind
-- A return within rejoin_hours continues the stay. exit_kind is that of the last group left:
-- leaving the last group by its own end (dissolved) or by being moved is a flow, not a loss.
with

stays as (select * from core.stays),

settings as (select * from core.settings),

first_joins as (select * from core.first_joins),

reaches as (
    select
        stays.*,
        max(coalesce(left_at, timestamp '9999-01-01')) over (
            partition by member_id
            order by joined_at, coalesce(left_at, timestamp '9999-01-01'), group_id
            rows between unbounded preceding and 1 preceding
        ) as reached_at,
        settings.rejoin_hours
    from stays
    cross join settings
),

numbered as (
    select
        reaches.*,
        count(case when reached_at is null
            or joined_at >= reached_at + rejoin_hours * interval 1 hour then 1 end) over (
            partition by member_id
            order by joined_at, coalesce(left_at, timestamp '9999-01-01'), group_id
            rows between unbounded preceding and current row
        ) as community_number
    from reaches
),

first_parts as (
    select member_id, community_number, is_join_known, is_opened
    from numbered
    qualify row_number() over (
        partition by member_id, community_number
        order by joined_at, case when is_join_known then 0 else 1 end, group_id
    ) = 1
),

last_parts as (
    select member_id, community_number, exit_kind
    from numbered
    qualify row_number() over (
        partition by member_id, community_number
        order by coalesce(left_at, timestamp '9999-01-01') desc, exit_kind, group_id
    ) = 1
),

spans as (
    select
        member_id,
        community_number,
        min(joined_at) as joined_at,
        case when bool_or(left_at is null) then null else max(left_at) end as left_at,
        max(coalesce(left_after, left_at)) as left_after
    from numbered
    group by member_id, community_number
)

select
    spans.member_id, -- member
    spans.community_number as stay_number, -- 1 for the first stay in the community
    spans.joined_at, -- when it began, naive UTC
    spans.left_at, -- when it ended; NULL while it lasts
    case when spans.left_after < spans.left_at then spans.left_after end
        as left_after, -- when it ended at the earliest, where only two member lists show it
    case when spans.left_at is not null then last_parts.exit_kind end
        as exit_kind, -- how the last group was left
    first_parts.is_join_known and (spans.community_number > 1 or first_joins.is_join_known)
        as is_join_known, -- whether the beginning is known
    first_parts.is_opened -- whether it began within the export: it counts as opened
from spans
join first_parts on spans.member_id = first_parts.member_id
    and spans.community_number = first_parts.community_number
join first_joins on spans.member_id = first_joins.member_id
join last_parts on spans.member_id = last_parts.member_id
    and spans.community_number = last_parts.community_number
