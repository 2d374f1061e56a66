-- Truth: invitations, campaigns and levers.
-- Each query is one entry; [] gives a list, {} a table of names and values.

-- referral.invites
select count(*) from invites where origin <> 'farmed';

-- referral.invites_by_farmers
select count(*) from invites where origin = 'farmed';

-- referral.invite_rows_exported
select count(*) from invite_rows;

-- referral.joined
select count(*) from invites where invitee is not null;

-- referral.joined_without_farmed
select count(*) from invites where invitee is not null and origin <> 'farmed';

-- referral.inviters_with_a_join
select count(distinct inviter) from invites where invitee is not null;

-- referral.largest_direct_without_farmers
select max(n) from (select inviter, count(*) as n from invites where invitee is not null and origin
    <> 'farmed' group by 1);

-- referral.generations {}
with recursive tree(person, generation) as (
    select invitee, 1 from invites where invitee is not null
        and inviter not in (select invitee from invites where invitee is not null)
    union all
    select i.invitee, tree.generation + 1 from invites as i join tree on i.inviter = tree.person
    where i.invitee is not null
)
select generation, count(*) from tree group by 1 order by 1;

-- referral.reward_rows
select count(*) from invite_rows where rewarded_t is not null;

-- referral.self_invites
select count(*) from invite_rows where origin = 'self';

-- referral.paid_twice
select count(*) from invite_rows where origin = 'paid_twice';

-- referral.cycles
select count(*) from invite_rows where origin = 'cycle';

-- referral.invited_who_were_members
select count(*) from invite_rows where origin = 'not_new';

-- referral.ordinary_weeks
select {'sent': count(*), 'joined': count(invitee),
    'acceptance': round(count(invitee) / count(*), 4)} from invites where origin = 'everyday';

-- fission_waves {}
with actives as (
    select week_of(t) as week, count(distinct person) as n from true_activity where t >= 0 group
        by 1
)
select c.campaign_id, {
    'inviters': count(distinct inviter), 'sent': count(*), 'joined': count(invitee),
    'acceptance': round(count(invitee) / count(*), 4),
    'joined_per_inviter': round(count(invitee) / count(distinct inviter), 3),
    'weekly_actives': any_value(a.n), 'k_factor': round(count(invitee) / any_value(a.n), 4)}
from invites as i join campaigns as c using (campaign_no) left join actives as a on a.week =
    week_of(c.start_t)
where i.origin <> 'farmed'
group by 1 order by 1;

-- campaign_participation {}
with seen as (
    select distinct campaign_no, person, g from participants
), sizes as (
    select c.campaign_no, count(*) as members,
        count(*) filter (where is_lively and not is_never_archived and group_type <> 'flash')
        as in_running_groups
    from campaigns as c join seats as s on s.t < c.start_t + 86400 and s.end_t > c.start_t + 172800
    join groups using (g) group by 1
)
select campaign_id, {'planted_rate': share, 'participants': count(*), 'seats': any_value(members),
    'seats_of_running_groups': any_value(in_running_groups),
    'rate_in_running_groups': round(count(*) / any_value(in_running_groups), 4)}
from seen join campaigns using (campaign_no) join sizes using (campaign_no)
group by campaign_id, share order by 1;

-- flash_sale_slope_of_log_rate
with waves as (
    select wave_number, count(*)::double / (select count(*) from seats as s join groups using (g)
        where s.t < c.start_t + 86400 and s.end_t > c.start_t + 172800 and is_lively
        and not is_never_archived and group_type <> 'flash') as rate
    from participants join campaigns as c using (campaign_no)
    where c.campaign_type = 'flash_sale' group by wave_number, c.start_t
)
select round(regr_slope(ln(rate), wave_number), 4) from waves;

-- levers {}
select lever, {'planted': round(avg(planted), 3), 'posts': count(*), 'groups': count(distinct g),
    'measured': round(sum(actual) / sum(expected), 3),
    'measured_with_the_author': round(sum(with_author) / sum(expected), 3)}
from true_levers group by 1 order by 1;
