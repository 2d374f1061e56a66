-- One row per kind of outlay, business day and group: what was spent beside the goods.
-- grain: outlay_kind, day, group_id
-- A gift costs once claimed (where no claim is exported: once issued), a reward once given (where
-- no time is exported: once joined), a red packet when sent by staff, the spend of a campaign at
-- its start. day NULL where no date is exported, group_id NULL where none is named.
with

gifts as (select * from core.gifts),

invites as (select * from core.invites),

campaigns as (select * from core.campaigns),

messages as (select * from staging.messages),

roles as (select * from core.roles),

calendar as (select * from core.calendar),

known_claims as (select count(claimed_at) > 0 as has_claims from gifts),

known_rewards as (select count(rewarded_at) > 0 as has_reward_times from invites),

outlays as (
    select 'gift' as outlay_kind, case when known_claims.has_claims then gifts.claimed_at
        else gifts.issued_at end as spent_at, cast(null as varchar) as group_id,
        gifts.unit_cost as amount
    from gifts
    cross join known_claims
    where gifts.claimed_at is not null or not known_claims.has_claims
    union all
    select
        'reward' as outlay_kind,
        case when known_rewards.has_reward_times then invites.rewarded_at
            else invites.joined_at end as spent_at,
        invites.group_id,
        invites.reward_cost as amount
    from invites
    cross join known_rewards
    where invites.rewarded_at is not null
        or (not known_rewards.has_reward_times and invites.outcome = 'joined')
    union all
    select 'red_packet' as outlay_kind, messages.occurred_at as spent_at, messages.group_id,
        messages.amount
    from messages
    join roles on messages.member_id = roles.member_id
    where messages.kind = 'red_packet' and roles.is_staff
    union all
    select 'spend' as outlay_kind, starts_at as spent_at, cast(null as varchar) as group_id,
        spend as amount
    from campaigns
)

select
    outlays.outlay_kind, -- gift, reward, red_packet (of staff) or spend (of a campaign)
    calendar.day, -- business day; NULL where no date is exported
    outlays.group_id, -- group; NULL where none is named
    cast(sum(outlays.amount) as decimal(18, 2)) as amount -- what was spent
from outlays
left join calendar
    on outlays.spent_at >= calendar.day_start_at and outlays.spent_at < calendar.day_end_at
where outlays.amount is not null
group by outlays.outlay_kind, calendar.day, outlays.group_id
