-- Invitations of ordinary weeks: 1.2 % of those active in a week send some.
insert into invites
with weeks as (
    select week, plan_t(week) as week_t
    from range(getvariable('week_shift')::int + 1, 27) as w(week)
    where cycle_week(plan_t(week)) not in (5, 13, 21)
),
senders as (
    select person, g, week, week_t, seats.t, seats.end_t
    from seats
    join groups using (g)
    join weeks on seats.t < week_t and seats.end_t >= week_t + 604800
    where group_type <> 'flash' and special not in ('dead', 'merged', 'big') and stay = 1
        and u('everyday', person, g * 1000 + week) < 0.012 * getvariable('everyday_factor') * (
            0.035 + case when is_silent(person, g, group_type) then 0
                else 1 - exp(-talk_rate(person, g, group_type)) end
        )
    -- who sits in two groups sends from one
    qualify row_number() over (partition by person, week order by g) = 1
),
sent as (
    select
        *,
        week_t + floor(604800 * u('everyday_at', person * 100 + i, week))::bigint as invited_t,
        u('everyday_yes', person * 100 + i, week) < 0.45 as is_accepted,
    from senders, range(1, 13) as n(i)
    where i <= 1 + floor(ln(u('everyday_n', person, week)) / ln(1 - 1 / 2.4))
),
timed as (
    select
        *,
        row_number() over (order by invited_t, person, i) + (select coalesce(max(invite_no), 0)
            from invites)
            as invite_no,
        case when is_accepted then invited_t + 300 + floor(least(
            expo('everyday_answer', person * 100 + i, week) * 86400, 6.5 * 86400
        ))::bigint end as joined_t,
    from sent
),
people as (
    select invite_no, row_number() over (order by invite_no) + (select max(person) from seats)
        as invitee
    from timed
    where joined_t < getvariable('end_t')
)
select
    invite_no, g, person, invitee, invited_t, case when invitee is not null then joined_t end,
        null, 1, 'everyday'
from timed
left join people using (invite_no);

-- Reward hunters: members who bring 12 to 25 accounts that leave within 48 hours of the reward.
create table farmers as
with ranked as (
    select
        person, g, 12 + floor(14 * u('farm', person, 0))::int as invitees,
        row_number() over (order by u('farmer', person, g), person) as place,
    from seats
    join groups using (g)
    where origin = 'day0' and end_t = getvariable('end_t') and is_lively
        and not is_never_archived and not is_big
),
waves as (
    select campaign_no, row_number() over (order by start_t) - 1 as wave, count(*) over () as waves
    from campaigns
    where campaign_type = 'fission'
)
select person, g, invitees, campaign_no
from ranked
join waves on place % waves = wave
where place <= getvariable('farmer_count');

insert into invites
with sent as (
    select
        f.g, f.person as inviter, f.campaign_no, i,
        c.start_t + 7200 + floor(5 * 86400 * u('farm_at', f.person, i))::bigint as invited_t,
    from farmers as f
    join campaigns as c using (campaign_no), range(1, 26) as n(i)
    where i <= f.invitees
)
select
    row_number() over (order by inviter, i) + (select max(invite_no) from invites),
    g, inviter,
    row_number() over (order by inviter, i)
        + greatest((select max(person) from seats), (select max(invitee) from invites)),
    invited_t,
    invited_t + 600 + floor(7200 * u('farm_join', inviter, i))::bigint,
    campaign_no, 1, 'farmed'
from sent;

-- A chain of five: each invites the next within two days, all inside the middle fission wave.
create table chain as
with root as (
    select person, g
    from seats
    join groups using (g)
    where origin = 'day0' and end_t = getvariable('end_t') and is_lively and not is_big
        and not is_never_archived
        and person not in (select person from farmers)
    order by u('chain', person, g)
    limit 1
),
wave as (
    select campaign_no, start_t from campaigns where campaign_type = 'fission'
    order by abs(week - 13), start_t desc limit 1
)
select
    i as place,
    g,
    case when i = 1 then root.person else base + i - 1 end as inviter,
    base + i as invitee,
    start_t + 3600 + (i - 1) * 93600 as invited_t,
    start_t + 3600 + (i - 1) * 93600 + 28800 as joined_t,
    campaign_no,
from root, wave, range(1, 6) as n(i), (
    select greatest((select max(person) from seats), (select max(invitee) from invites)) as base
);

insert into invites
select
    place + (select max(invite_no) from invites), g, inviter, invitee, invited_t, joined_t,
        campaign_no, place, 'chain'
from chain;

insert into draft
select
    invitee, g, 1, joined_t,
    case when u('scene', invitee, g) < 0.5 then 'link' else case origin when 'everyday'
        then 'direct' else 'qr' end end,
    case when origin <> 'everyday' then 'fission' end,
    'invited',
    inviter,
    campaign_no,
    case origin when 'farmed' then 2 when 'everyday' then 0.15 else 0 end,
    origin = 'chain'
from invites
where origin in ('everyday', 'farmed', 'chain') and invitee is not null;
