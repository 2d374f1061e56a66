-- One row per stay of a member in a group.
-- grain: member_id, group_id, stay_number
-- span: joined_at..left_at, left_after, exit_kind, is_exit_inferred
-- In group at t = joined_at <= t and (left_at is null or left_at > t). An inferred exit lies in
-- (left_after, left_at]. See core.group_stays for the
-- rules.
with

group_stays as (select * from core.group_stays),

roles as (select * from core.roles)

select
    group_stays.member_id, -- member
    group_stays.group_id, -- group
    group_stays.stay_number, -- 1 for the first stay of the member in the group
    group_stays.joined_at, -- when it began, UTC; start of the export where unknown
    group_stays.left_at, -- when it ended; NULL while it lasts
    group_stays.left_after, -- lower bound of left_at when the exit was inferred from member lists
    group_stays.exit_kind, -- leave, kick, dissolved or moved
    group_stays.left_after is not null
        as is_exit_inferred, -- whether the exit was seen only by comparing member lists
    group_stays.is_join_known, -- whether the join is known
    group_stays.is_opened -- whether the stay began within the export: it counts as opened
from group_stays
join roles on group_stays.member_id = roles.member_id
where roles.is_counted
