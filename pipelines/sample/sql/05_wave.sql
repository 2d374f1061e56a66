-- One fission wave, one generation. Inviters are members there at the start, or fresh invitees
-- of the wave.
create or replace temp table senders as
select
    person,
    g,
    case when getvariable('generation') = 1 then getvariable('wave_t') else t end as from_t,
from (
    select seats.*, row_number() over (partition by person order by t desc, g) as place
    from seats
    join groups using (g)
    where group_type <> 'flash' and special not in ('dead', 'merged', 'big')
        and not is_never_archived
        and case
            when getvariable('generation') = 1
                then t < getvariable('wave_t') and end_t > getvariable('wave_t') + 604800
                    and not (seats.origin = 'day0' and false)
            else person in (
                select invitee from invites
                where campaign_no = getvariable('wave')
                    and generation = getvariable('generation') - 1
            ) and seats.stay = 1 and end_t > t + 86400
        end
)
where place = 1
    and u('sender', person, getvariable('wave')) < case getvariable('generation')
        when 1 then getvariable('wave_share') * 0.18 * getvariable('sender_factor') else 0.10 end;

create or replace temp table sent as
select
    row_number() over (order by from_t, person, i) + (select coalesce(max(invite_no), 0)
        from invites) as invite_no,
    g,
    person as inviter,
    i,
    from_t + 600 + floor(least(
        expo('sent_at', person, getvariable('wave') * 100 + i) * 1.8 * 86400, 6.9 * 86400
    ))::bigint as invited_t,
    u('accept', person, getvariable('wave') * 100 + i) < 0.34 as is_accepted,
from senders, range(1, 41) as n(i)
where i <= least(round(0.3 + u('pareto', person, getvariable('wave')) ** (-1 / 1.6)), 40);

insert into invites
with timed as (
    select
        *,
        case when is_accepted then invited_t + 120 + floor(least(
            expo('answer', inviter, getvariable('wave') * 100 + i) * 15 * 3600, 6.5 * 86400
        ))::bigint end as joined_t,
    from sent
),
people as (
    select invite_no, row_number() over (order by invite_no) + (select max(person) from seats)
        as person
    from timed
    where joined_t < getvariable('end_t')
)
select
    invite_no, g, inviter, people.person, invited_t,
    case when people.person is not null then joined_t end,
    getvariable('wave'), getvariable('generation'), 'campaign'
from timed
left join people using (invite_no)
where invited_t < getvariable('end_t');

insert into draft
select
    invitee, g, 1, joined_t,
    case when u('scene', invitee, g) < 0.6 then 'link' else 'qr' end,
    'fission', 'invited', inviter, campaign_no, 0.20, false
from invites
where campaign_no = getvariable('wave') and generation = getvariable('generation')
    and invitee is not null;
