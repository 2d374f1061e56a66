-- Invitations of one file.
select g.group_id, p.member_id as inviter_id, ts(invited_t) as invited_at,
    'i' || invite_no as invite_id,
    invitee_id, ts(joined_t) as joined_at, c.campaign_id,
    case when rewarded_t is not null then 'cash' end as reward_kind,
    case when rewarded_t is not null then 5.00::decimal(18, 2) end as reward_cost,
    ts(rewarded_t) as rewarded_at, case when joined_t is not null
        then 'joined' else 'sent' end as status
from invite_rows as i join groups as g using (g) join people as p on p.person = i.inviter
left join campaigns as c using (campaign_no)
join event_files as f on f.kind = 'invite' and f.key_no = invite_no
where f.file_no = getvariable('file_no') order by invited_t, invite_no
