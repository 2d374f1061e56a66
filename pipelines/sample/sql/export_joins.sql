-- Joins, leaves and kicks of one file.
select group_id, member_id, ts(t) as occurred_at, event_id, action, scene, channel, campaign_id,
    inviter_id, role
from join_rows join event_files as f on f.kind = 'join' and f.key_no = event_no
where f.file_no = getvariable('file_no') order by t, event_no
