-- One row per thread of a group: its first message is the parent of the others.
-- grain: group_id, thread_id
-- grows: rows
with

messages as (select * from staging.messages)

select
    group_id, -- group
    thread_id, -- thread
    event_key as parent_key, -- its first message
    member_id as parent_member_id, -- who wrote that
    occurred_at as started_at -- when, naive UTC
from messages
where thread_id is not null
qualify row_number()
    over (partition by group_id, thread_id order by occurred_at, source, row_number, event_key) = 1
