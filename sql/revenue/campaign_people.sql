-- One row per campaign and wave: who took part, who brought whom.
-- grain: campaign_id, wave_number
-- members = distinct counted members, at the start, of the groups in which anybody acted. Starters
-- opened a team or sent an invite; helpers joined the team or accepted.
with

acts as (select * from revenue.campaign_acts),

waves as (select * from revenue.campaign_waves),

teams as (select * from revenue.teams),

invites as (select * from core.invites),

members as (select * from core.members),

stays as (select * from core.stays),

participants as (
    select campaign_id, wave_number, member_id
    from acts
    where is_participation
    group by campaign_id, wave_number, member_id
),

running_groups as (
    select acts.campaign_id, acts.wave_number, acts.group_id, waves.starts_at
    from acts
    join waves on acts.campaign_id = waves.campaign_id and acts.wave_number = waves.wave_number
    where acts.group_id is not null and acts.is_done
    group by acts.campaign_id, acts.wave_number, acts.group_id, waves.starts_at
),

present as (
    select running_groups.campaign_id, running_groups.wave_number, stays.member_id
    from running_groups
    join stays
        on running_groups.group_id = stays.group_id
        and stays.joined_at <= running_groups.starts_at
        and (stays.left_at is null or stays.left_at > running_groups.starts_at)
    group by running_groups.campaign_id, running_groups.wave_number, stays.member_id
),

team_sums as (
    select
        campaign_id,
        wave_number,
        count(case when is_over then 1 end) as teams_over,
        count(case when is_over and is_completed then 1 end) as teams_completed
    from teams
    where campaign_id is not null
    group by campaign_id, wave_number
),

joined_invitees as (
    select acts.campaign_id, acts.wave_number, acts.member_id, invites.invitee_id
    from acts
    join invites on acts.act = 'invite' and acts.act_id = invites.invite_id
    where acts.is_participation and invites.outcome = 'joined'
    group by acts.campaign_id, acts.wave_number, acts.member_id, invites.invitee_id
),

starters as (
    select campaign_id, wave_number, member_id from acts where act = 'invite' and is_participation
    union
    select campaign_id, wave_number, starter_id as member_id from teams
    where campaign_id is not null and starter_id is not null
),

helped as (
    select campaign_id, wave_number, count(*) as helpers from joined_invitees
    group by campaign_id, wave_number
    union all
    select campaign_id, wave_number, cast(sum(helpers) as bigint) as helpers from teams
    where campaign_id is not null and starter_id is not null
    group by campaign_id, wave_number
),

newcomers as (
    select acts.campaign_id, acts.wave_number, invites.invitee_id as member_id
    from acts
    join invites on acts.act = 'invite' and acts.act_id = invites.invite_id
    join members on invites.invitee_id = members.member_id
    where invites.outcome = 'joined' and members.is_counted and members.is_join_known
    union
    select members.campaign_id, coalesce(waves.wave_number, 1) as wave_number, members.member_id
    from members
    left join waves
        on members.campaign_id = waves.campaign_id
        and members.first_joined_at >= waves.acts_from_at
        and members.first_joined_at < waves.acts_until_at
    where members.campaign_id is not null and members.is_counted and members.is_join_known
),

parts as (
    select participants.campaign_id, participants.wave_number, 'participants' as part,
        count(*) as people
    from participants group by participants.campaign_id, participants.wave_number
    union all
    select present.campaign_id, present.wave_number, 'members', count(*)
    from present group by present.campaign_id, present.wave_number
    union all
    select present.campaign_id, present.wave_number, 'participants_at_start', count(*)
    from present
    join participants
        on present.campaign_id = participants.campaign_id
        and present.wave_number = participants.wave_number
        and present.member_id = participants.member_id
    group by present.campaign_id, present.wave_number
    union all
    select campaign_id, wave_number, 'groups', count(*) from running_groups
    group by campaign_id, wave_number
    union all
    select campaign_id, wave_number, 'starters', count(*) from starters
    group by campaign_id, wave_number
    union all
    select campaign_id, wave_number, 'helpers', helpers from helped
    union all
    select campaign_id, wave_number, 'new_members', count(*) from newcomers
    group by campaign_id, wave_number
    union all
    select campaign_id, wave_number, 'teams_over', teams_over from team_sums
    union all
    select campaign_id, wave_number, 'teams_completed', teams_completed from team_sums
)

select
    campaign_id, -- campaign
    wave_number, -- which repetition
    cast(sum(case when part = 'participants' then people else 0 end) as bigint)
        as participants, -- distinct counted members with an act
    cast(sum(case when part = 'groups' then people else 0 end) as bigint)
        as groups, -- groups with an act
    cast(sum(case when part = 'members' then people else 0 end) as bigint)
        as members, -- counted members of these groups at the start
    cast(sum(case when part = 'participants_at_start' then people else 0 end) as bigint)
        as participants_at_start, -- participants among them
    cast(sum(case when part = 'starters' then people else 0 end) as bigint)
        as starters, -- members who opened a team or sent an invite
    cast(sum(case when part = 'helpers' then people else 0 end) as bigint)
        as helpers, -- people who joined their teams or accepted, per starter
    cast(sum(case when part = 'new_members' then people else 0 end) as bigint)
        as new_members, -- known first joins that name the campaign
    cast(sum(case when part = 'teams_over' then people else 0 end) as bigint)
        as teams_over, -- teams whose deadline is over
    cast(sum(case when part = 'teams_completed' then people else 0 end) as bigint)
        as teams_completed -- those that were completed
from parts
group by campaign_id, wave_number
