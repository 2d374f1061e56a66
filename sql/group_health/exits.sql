-- One row per group and week: of the members of 28 days before its end, who left or was removed.
-- grain: group_id, week_start
with

instants as (select * from group_health.instants),

stays as (select * from core.stays),

leavers as (
    select
        instants.week_start,
        stays.group_id,
        count(distinct stays.member_id) as members_before,
        count(distinct case when stays.left_at < instants.week_end_at
            and stays.exit_kind in ('leave', 'kick')
            then stays.member_id end) as left_members
    from instants
    join stays
        on stays.joined_at < instants.week_end_at - interval 28 day
        and (stays.left_at is null or stays.left_at >= instants.week_end_at - interval 28 day)
    group by instants.week_start, stays.group_id
)

select
    group_id, -- group
    week_start, -- week at whose end the 28 days end
    members_before, -- members 28 days before
    left_members -- of them, who left or were removed since
from leavers
