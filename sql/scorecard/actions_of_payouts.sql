-- One row per week and inviter with invitees: did too many leave at once?
-- grain: week_start, action, subject
-- Joined invitations of the 28 days before the week's end whose 48 hours are over then; gone = the
-- first community stay ended by leaving or being removed within 48 h of the join.
with

invitations as (select * from referral.invitations),

community_stays as (select * from core.community_stays),

action_weeks as (select * from scorecard.action_weeks),

settings as (select * from core.settings),

exported as (select * from core.exported),

ends as (
    select member_id, left_at
    from community_stays
    where stay_number = 1 and exit_kind in ('leave', 'kick')
),

counts as (
    select
        action_weeks.week_start,
        invitations.inviter_id,
        count(*) as invitees,
        count(case when ends.left_at < invitations.joined_at + interval 48 hour then 1 end)
            as gone
    from action_weeks
    join invitations on invitations.is_joined
        and invitations.joined_at >= action_weeks.week_end_at - interval 28 day
        and invitations.joined_at + interval 48 hour <= action_weeks.week_end_at
    cross join exported
    left join ends on invitations.invitee_id = ends.member_id
    where action_weeks.has_joins and exported.has_exits
    group by action_weeks.week_start, invitations.inviter_id
),

written as (
    select
        counts.*,
        cast(gone as double) / invitees as gone_rate,
        cast(gone as varchar) as gone_text,
        cast(invitees as varchar) as invitees_text
    from counts
)

select
    written.week_start, -- week at whose end it is judged
    'hold_payout' as action, -- hold_payout
    'member' as subject_kind, -- member
    written.inviter_id as subject, -- inviter
    written.inviter_id as subject_name, -- their id: names are not kept
    cast(null as varchar) as owner_id, -- nobody owns an inviter
    written.invitees >= settings.payout_min_invitees
        and written.gone_rate >= settings.payout_gone_share
        as is_due, -- whether the thresholds are passed
    written.gone_rate as value, -- gone / invitees
    cast(written.invitees as double) as base, -- invitees who joined
    written.gone_text || ' of ' || written.invitees_text || ' invitees gone within 48 hours'
        as evidence, -- the numbers in words
    written.invitees_text || ' 名被邀请人中 ' || written.gone_text || ' 人 48 小时内退群'
        as evidence_zh -- the same in Chinese
from written
cross join settings
