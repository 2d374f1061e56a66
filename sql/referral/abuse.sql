-- One row per counted member with a rewarded invitation: were rewards earned?
-- grain: inviter_id
-- M71. Of the rewarded invitations: invitees who left within 48 h of the reward, invitations to
-- oneself, rewards for somebody rewarded for before. abuse_rate over those judged: for joined ones
-- the 48 hours are over. Rewarded = rewarded_at, or a cost where nobody exports rewarded_at.
-- concept: M71 = left_within_48h, self_invites, paid_twice, abused, judged, abuse_rate
with

invitations as (select * from referral.invitations),

exported as (select * from core.exported),

marked as (
    select
        *,
        outcome = 'self' as is_self,
        is_gone_48h is not null as is_judged,
        is_gone_48h is not null and (is_gone_48h or outcome = 'self' or is_paid_again)
            as is_abused
    from invitations
    where is_rewarded
),

inviters as (
    select
        inviter_id,
        count(*) as rewarded,
        sum(reward_cost) as reward_cost,
        count(case when is_joined and is_gone_48h is null then 1 end) as unknown,
        count(case when is_gone_48h then 1 end) as left_within_48h,
        count(case when is_self then 1 end) as self_invites,
        count(case when is_paid_again then 1 end) as paid_twice,
        count(case when outcome = 'not_new' and not is_paid_again then 1 end) as not_new,
        count(case when is_judged then 1 end) as judged,
        count(case when is_abused then 1 end) as abused,
        sum(case when is_abused then reward_cost end) as abused_cost
    from marked
    group by inviter_id
),

checked as (
    select
        inviters.*,
        exported.has_exits,
        exported.has_exits and exported.has_reward_times as is_known
    from inviters
    cross join exported
)

select
    inviter_id, -- counted member who was rewarded
    rewarded, -- rewarded invitations
    judged, -- of them, of which all is known
    case when is_known then left_within_48h end
        as left_within_48h, -- joined, and left within 48 h of the reward
    self_invites, -- to themselves
    paid_twice, -- for somebody rewarded for before
    not_new as rewarded_not_new, -- for somebody who was no new member; not in the rate
    case when is_known then abused end as abused, -- judged ones with any of the first three
    case when is_known then cast(abused as double) / nullif(judged, 0) end
        as abuse_rate, -- abused / judged
    cast(reward_cost as decimal(18, 2)) as reward_cost, -- rewards of all of them
    cast(case when is_known then abused_cost end as decimal(18, 2))
        as abused_cost, -- rewards of the abused ones
    unknown = 0 as is_complete, -- whether all of them are judged
    case
        when not has_exits then 'exits_not_exported'
        when not is_known then 'no_reward_times'
        when judged = 0 then 'not_mature'
    end as reason -- why a value of the row is missing
from checked
