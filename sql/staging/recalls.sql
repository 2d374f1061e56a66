-- One row per message that an export tells to be taken back, apart from the message itself.
-- grain: source, group_id, message_id
with

recalls as (select * from raw.recalls)

select
    source, -- where the export comes from
    group_id, -- group
    message_id, -- message
    min(revoked_at) as revoked_at -- when, naive UTC
from recalls
group by source, group_id, message_id
