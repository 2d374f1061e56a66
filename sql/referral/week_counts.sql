-- One row per week of sending and scope (everything: group_id NULL, or the group invited to) with
-- an invitation by a counted member.
-- grain: group_id, week_start
-- Joined = valid, and the invitee's first community join lies within invite_hours of the
-- invitation.
with

invitations as (select * from referral.invitations),

scoped as (
    select group_id, week_start, inviter_id, outcome, accepted_only, is_joined_in_time, is_kept_30d,
        reward_cost, days_to_join
    from invitations
    where week_start is not null
    union all
    select
        cast(null as varchar) as group_id, week_start, inviter_id, outcome, accepted_only,
        is_joined_in_time, is_kept_30d, reward_cost, days_to_join
    from invitations
    where week_start is not null
)

select
    group_id, -- group invited to; NULL for all
    week_start, -- first day of the week of sending
    count(*) as invites_sent, -- invitations by counted members
    count(distinct inviter_id) as inviters, -- members who sent one
    count(case when is_joined_in_time then 1 end) as invites_joined, -- of them, joined in time
    count(case when outcome = 'pending' then 1 end) as invites_pending, -- still open
    count(case when is_joined_in_time and is_kept_30d is not null then 1 end)
        as invites_known_30d, -- joined, and known whether in a group 30 d later
    count(case when is_joined_in_time and is_kept_30d then 1 end)
        as invites_kept_30d, -- joined and in a group 30 d later
    bool_or(accepted_only) as has_accepted_only, -- whether one is from a source of successes only
    median(case when is_joined_in_time then days_to_join end)
        as median_days_to_join, -- median days from invitation to join
    cast(sum(case when is_joined_in_time then reward_cost end) as decimal(18, 2))
        as reward_cost -- rewards of those joined; NULL where none is exported
from scoped
group by group_id, week_start
