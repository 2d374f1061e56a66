-- Plain WeChat groups stop QR joins at 200; 5 % of the joins lose their scene in the export.
create table sizes_at_join as
with moves as (
    select g, t, 1 as step, person, stay from seats
    union all
    select g, end_t, -1, person, stay from seats where end_t < getvariable('end_t')
)
select g, person, stay, step, sum(step) over (partition by g order by t, step desc, person, stay)
    as size
from moves;

update seats set scene = 'direct'
from sizes_at_join as size, groups
where size.g = seats.g and size.person = seats.person and size.stay = seats.stay and size.step = 1
    and groups.g = seats.g and is_plain_wechat and size.size > 200 and seats.scene = 'qr';

-- People: their first seat and what they are.
create table people as
with firsts as (
    select
        person,
        min_by(g, (t, g)) as g,
        min(t) as t,
        max(end_t) as end_t,
        min_by(origin, (t, g)) as origin,
        min_by(scene, (t, g)) as scene,
        min_by(channel, (t, g)) as channel,
        bool_or(special = 'dead') as has_dead_group,
        bool_or(special = 'dying') as has_dying_group,
        bool_or(is_lively) as is_lively,
        bool_or(not is_silent(person, g, group_type)) as is_talker,
        max(buying) filter (where seats.t < 0 or origin <> 'overlap') as buying,
    from seats
    join groups using (g)
    group by person
)
select
    firsts.* replace (
        case when origin in ('overlap', 'moved', 'rejoin') then 'organic' else origin end as origin
    ),
    external_id(person) as member_id,
    case when u('alias', person, 0) < 25.0 / 5900
        then external_id(700000000000 + person) end as alias_id,
    u('refuses', person, 0) < 0.03 as refuses,
    case when u('region', person, 0) < 0.74 then (select region from groups where g = firsts.g)
        when u('region', person, 0) < 0.9 then
            pick(['杭州', '上海', '成都', '广州', '武汉', '南京', '苏州', '长沙', '西安', '青岛'],
                u('region', person, 1))
    end as region,
    case when u('opt_out', person, 0) < 0.01 then
        greatest(t, 0) + floor((getvariable('end_t') - greatest(t, 0))
            * u('opt_out', person, 1))::bigint end as opt_out_t,
from firsts;
-- those the lists name did agree to the archive
update people set refuses = false
where person in (select person from farmers)
    or person in (select inviter from chain union select invitee from chain);

-- KOC / KOL: the most talkative lasting member of a lively group; they post, and the group answers.
create table kols as
select person, g
from seats
join groups using (g)
join people using (person)
where stay = 1 and seats.end_t = getvariable('end_t') and groups.is_lively
    and groups.closes_t is null
    and not is_never_archived and not refuses and seats.t <= groups.open_t + 21 * 86400
    and not is_silent(person, g, group_type) and group_type <> 'seed'
    and person not in (select person from farmers) and person not in (select inviter from chain)
qualify row_number() over (partition by g order by talk_rate(person, g, group_type) desc, person)
    = 1;
delete from kols where person in (select person from kols group by person having count(*) > 1);

create table authors as
select person as author, member_id,
    case when person in (select person from kols) then 'kol' else 'member' end as role
from people
union all
select -i, 'staff_' || padded(i, 2), 'staff'
    from range(1, getvariable('staff_count')::int + 1) as n(i)
union all
select -1000000 - i, external_id(600000000000 + i), 'alt'
    from range(1, getvariable('alt_count')::int + 1) as n(i)
union all
select -2000000 - i, 'bot_' || padded(i, 2), 'bot'
    from range(1, getvariable('bot_count')::int + 1) as n(i);

create macro staff_of(block, number) as -(block * 46 + number)::bigint;
-- Seats of staff, alts and bots, from the opening of a group on.
create table house_seats as
select staff_of(block, owner) as author, g, created_t + 60 as t,
    coalesce(closes_t, getvariable('end_t')) as end_t
from groups
union all
-- each group has an assistant or two beside its owner
select staff_of(block, 10 + (slot + 40 * i) % 36), g, created_t + 120 + i,
    coalesce(closes_t, getvariable('end_t'))
from groups, range(2) as n(i)
where i = 0 or u('assistant', g, 0) < 0.3
union all
select
    -1000000 - i, g, greatest(created_t + 3600, -86400 * 30), getvariable('end_t')
from range(1, getvariable('alt_count')::int + 1) as n(i), groups
where is_lively and closes_t is null
qualify row_number() over (partition by i order by u('alt', i, g)) <= 3
union all
select -2000000 - i, g, created_t + 600, coalesce(closes_t, getvariable('end_t'))
from range(1, getvariable('bot_count')::int + 1) as n(i), groups
where g % getvariable('bot_count')::int = i - 1 and is_lively;
