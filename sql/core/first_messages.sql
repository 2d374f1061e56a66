-- One row per group and author: their first messages, found once for all that ask for them.
-- grain: group_id, member_id
with

message_days as (select * from core.message_days)

select
    group_id, -- group
    member_id, -- author
    min(first_at) as first_at, -- first message of any kind, naive UTC
    min(first_meaningful_at) as first_meaningful_at, -- first that counts as activity
    min(first_active_at)
        as first_active_at -- first message, check-in or mini-program event that counts
from message_days
group by group_id, member_id
