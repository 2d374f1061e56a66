-- Groups as they stand at the end.
select g.group_id, g.group_name, g.group_type, 500 as capacity, ts(g.created_t) as created_at,
    ts(g.closes_t) as closed_at, null as parent_group_id, s.group_id as successor_group_id,
        g.region,
    'staff_' || padded(g.block * 46 + g.owner, 2) as owner_id,
        p.member_id as leader_id, g.topic
from groups as g left join groups as s on s.g = g.successor_g left join leaders as l on l.g = g.g
left join people as p on p.person = l.person
order by g.g
