-- The rows of the join export: joins with what the source says, leaves and kicks; the house first.
create table join_rows as
with events as (
    select
        s.person as author, s.g, s.t, 'join' as action,
        case when s.t < 0 then 'unknown' when u('scene_lost', s.person, s.g * 10 + s.stay)
            < 0.05 then null
            else s.scene end as scene,
        s.channel, s.campaign_no, s.inviter, s.stay, s.origin,
    from seats as s
    union all
    select person, g, leave_t, case when exit_kind = 'kick' then 'kick' else 'leave' end, null,
        null, null, null, stay, origin
    from seats
    where leave_t is not null and leave_t < getvariable('end_t')
    union all
    select author, g, t, 'join', case when t < 0 then 'unknown' else 'direct' end, null, null,
        null, 1, 'house'
    from house_seats
    where t < getvariable('end_t')
),
numbered as (
    select *, row_number() over (order by t, g, author, action, stay) as event_no from events
)
select
    event_no,
    'e' || event_no as event_id,
    gr.group_id,
    a.member_id,
    n.t,
    n.action,
    n.scene,
    n.channel,
    (select campaign_id from campaigns as c where c.campaign_no = n.campaign_no) as campaign_id,
    -- the source names an inviter for campaign joins, and the owner for joins by staff
    case
        when n.inviter is not null then (select member_id from people as p where p.person
            = n.inviter)
        when n.action = 'join' and n.channel = 'staff' and n.scene = 'direct' then
            'staff_' || padded(gr.block * 46 + gr.owner, 2)
    end as inviter_id,
    a.role,
    n.author,
    n.g,
    n.origin,
from numbered as n
join groups as gr using (g)
join authors as a using (author);
