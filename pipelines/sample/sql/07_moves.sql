-- The two big groups end with at least 460 of their 500: if too many left, some of the first members stay.
update seats set leave_t = null, exit_kind = null, end_t = getvariable('end_t')
from (
    select
        person,
        g,
        stay,
        row_number() over (partition by g order by u('stays_on', person, g), person) as place,
        460 - (
            select count(*) from seats as s where s.g = gone.g and s.end_t = getvariable('end_t')
        ) as missing,
    from seats as gone
    join groups using (g)
    where is_big and gone.leave_t is not null and gone.origin = 'day0'
) as stayers
where stayers.place <= stayers.missing
    and seats.person = stayers.person and seats.g = stayers.g and seats.stay = stayers.stay;

-- A merged group: its members move to the successor; with or without a leave row of their own.
create table moved as
select
    s.person,
    s.g,
    s.stay,
    gr.successor_g,
    gr.closes_t - 86400 + floor(130000 * u('move', s.person, s.g))::bigint as move_t,
    u('move_row', s.person, s.g) < 0.5 as has_leave_row,
from seats as s
join groups as gr using (g)
join groups as successor on successor.g = gr.successor_g
where gr.special = 'merged' and s.end_t >= gr.closes_t and s.leave_t is null
    and not exists (select 1 from seats as o where o.person = s.person and o.g = gr.successor_g)
qualify row_number() over (partition by s.g order by u('moved', s.person, s.g)) <= 60;

update seats set
    exit_kind = 'moved',
    leave_t = case when has_leave_row then least(move_t + 1800,
        (select closes_t from groups where g = seats.g) - 60) end,
    end_t = case when has_leave_row then least(move_t + 1800, seats.end_t - 60) else seats.end_t end
from moved
where seats.person = moved.person and seats.g = moved.g and seats.stay = moved.stay;

-- a moved person keeps no early exit
insert into draft
select person, successor_g, 1, move_t, 'direct', 'staff', 'moved', null, null, 0, false
from moved;

update seats set exit_kind = 'dissolved'
from groups
where seats.g = groups.g and seats.leave_t is null and seats.exit_kind is null
    and seats.end_t = groups.closes_t
    and groups.closes_t < getvariable('end_t');

-- People who leave and come back: some within 24 hours (the same stay), some later.
create table rejoins as
select
    person, g, leave_t,
    row_number() over (order by u('rejoin', person, g)) <= getvariable('quick_rejoins') as is_quick,
from seats
join groups using (g)
where exit_kind = 'leave' and stay = 1 and origin in ('day0', 'organic') and is_lively
    and closes_t is null
    and leave_t < getvariable('end_t') - 45 * 86400
    and (select count(*) from seats as o where o.person = seats.person) = 1
qualify row_number() over (order by u('rejoin', person, g))
    <= getvariable('quick_rejoins') + getvariable('slow_rejoins');

insert into draft
select
    person, g, 2,
    leave_t + case
        when is_quick then 1800 + floor(75000 * u('rejoin_at', person, g))::bigint
        else 259200 + floor(37 * 86400 * u('rejoin_at', person, g))::bigint
    end,
    'qr', 'store_desk', 'rejoin', null, null, 0, false
from rejoins;
