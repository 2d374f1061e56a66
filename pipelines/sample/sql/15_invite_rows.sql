-- Rewards, and the rows that should not have been rewarded.
create table invite_rows as
with plain as (
    select
        i.invite_no,
        i.g,
        i.inviter,
        i.invitee as invitee_person,
        coalesce(p.member_id,
            case when u('invitee_known', i.invite_no, 0)
            < 0.6 then external_id(900000000000 + i.invite_no) end) as invitee_id,
        i.invited_t,
        case when u('joined_known', i.invite_no, 0) < 0.8 then i.joined_t end as joined_t,
        i.campaign_no,
        case when i.joined_t is not null
            and i.origin <> 'everyday' then i.joined_t + 3600 end as rewarded_t,
        i.origin,
    from invites as i
    left join people as p on p.person = i.invitee
),
last_no as (select max(invite_no) as n from plain),
lasting as (
    select s.person, s.g, row_number() over (order by u('trick', s.person, s.g)) as place
    from seats as s
    join groups using (g)
    where s.origin = 'day0' and s.end_t = getvariable('end_t') and is_lively
        and s.person not in (select person from farmers)
            and s.person not in (select inviter from chain)
),
wave as (
    select campaign_no, start_t from campaigns where campaign_type = 'fission'
    order by wave_number desc limit 1
),
joined as (
    select
        plain.*, row_number() over (order by u('again', invite_no, 0), invite_no) as place,
            j.joined_t as true_t,
    from plain
    join invites as j using (invite_no)
    where plain.origin = 'campaign' and j.invitee is not null
        and j.joined_t < getvariable('end_t') - 10 * 86400
),
tricks as (
    select 'self' as origin, g, person as inviter, person as invitee,
        start_t + 86400 + place * 977 as invited_t,
        start_t + 86400 + place * 977 + 600 as joined_t, place
    from lasting, wave where place <= getvariable('selves')
    union all
    select 'not_new', a.g, a.person, b.person, start_t + 90000 + a.place * 1361,
        start_t + 98000 + a.place * 1361, a.place
    from lasting as a
    join lasting as b on b.place = a.place + 300 and b.person <> a.person, wave
    where a.place > getvariable('selves')
        and a.place <= getvariable('selves') + getvariable('not_new')
    union all
    select 'paid_twice', g, inviter, invitee_person, true_t + 100000, true_t + 108000, place
    from joined where place <= getvariable('paid_twice')
    union all
    select 'cycle', g, invitee_person, inviter, true_t + 120000, true_t + 125000, place
    from joined where place > getvariable('paid_twice')
        and place <= getvariable('paid_twice') + getvariable('cycles')
),
numbered as (
    select tricks.*, n + row_number() over (order by origin, place) as invite_no from tricks,
        last_no
)
select * from plain
union all
select
    invite_no, t.g, t.inviter, t.invitee, p.member_id, t.invited_t, t.joined_t,
    (select campaign_no from wave), t.joined_t + 3600, t.origin
from numbered as t
join people as p on p.person = t.invitee;

-- Gifts: for joiners by the organic channels, prizes of the anniversary, coupons of the flash
-- sales.
create table gifts as
with issued as (
    select
        'lead' as gift_kind, person, null::bigint as campaign_no, t + 60 as issued_t,
            null::int as prize_level,
        case when u('gift_cost', person, 0) < 0.22 then 3.1 + 1.7 * u('gift_cost', person, 1)
            else 1.5 + 1.5 * u('gift_cost', person, 1) end as unit_cost,
        0.82 as claims, 0.70 as redeems,
    from people
    where origin = 'organic' and channel in ('store_desk', 'parcel_card', 'partner:A', 'partner:B')
        and t >= 0
    union all
    select
        'lottery', person, campaign_no, day_t, case when u('prize', person, 0) < 0.02 then 1
            when u('prize', person, 0) < 0.15 then 2 else 3 end,
        case when u('prize', person, 0) < 0.02 then 39 when u('prize', person, 0) < 0.15 then 9.9
            else 1.2 end,
        1.0, 0.5
    from participants where campaign_type = 'other' and u('lottery', person, 0) < 0.5
    union all
    select 'coupon', person, campaign_no, day_t - 3600, null, 0, 0.7, 0.4
    from participants where campaign_type = 'flash_sale' and u('coupon', person, campaign_no) < 0.5
),
numbered as (
    select *, row_number() over (order by issued_t, gift_kind, person) as gift_no from issued
    where issued_t < getvariable('end_t')
)
select
    *,
    case when u('claim', gift_no, 0) < claims then issued_t + 60
        + floor(7200 * u('claim', gift_no, 1))::bigint end as claimed_t,
    case when u('claim', gift_no, 0) < claims and u('redeem', gift_no, 0) < redeems
        then issued_t + 8000 + floor(expo('redeem_at', gift_no, 0) * 4 * 86400)::bigint end
            as redeemed_t,
from numbered;
update gifts set redeemed_t = null where redeemed_t >= getvariable('end_t');
update gifts set claimed_t = null where claimed_t >= getvariable('end_t');
update gifts set redeemed_t = null where claimed_t is null;
