-- One row per week of sending and group invited to: who brings whom.
-- grain: group_id, week_start
-- M67 K-factor = invites_joined / active members of the week; M68 acceptance = joined / sent, NULL
-- where one invitation of the week is from a source that records successes only; fission_multiple =
-- joined per inviter. Rates are NULL until week end + 7 d <= W.
with

scope_weeks as (select * from referral.scope_weeks)

select
    group_id, -- group invited to
    week_start, -- first day of the week of sending
    invites_sent, -- invitations by counted members
    inviters, -- members who sent one
    invites_joined, -- of them, joined within 168 h
    invites_pending, -- still open
    acceptance_rate, -- invites_joined / invites_sent
    active_members, -- active members of the week; NULL where the week is not covered
    invites_per_active, -- invites_sent / active_members
    k_factor, -- invites_joined / active_members
    fission_multiple, -- invites_joined / inviters
    median_days_to_join, -- from invitation to join
    reward_cost, -- rewards of joined invitations
    cost_per_joined, -- reward_cost / invites_joined
    cost_per_kept_30d, -- reward_cost / invitees in a group 30 d after joining
    is_complete, -- whether the week end + 7 d is covered
    reason -- why a value of the row is missing
from scope_weeks
where group_id is not null
