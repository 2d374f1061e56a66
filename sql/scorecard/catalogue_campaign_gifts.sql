-- One row per kind of gift and measure: what gifts cost and what for.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M61 = gift_cost, cost_per_joiner, cost_per_extra_active, cost_per_joined_invitee
-- M61 up to the report. A gift costs once claimed (where no claim is exported: once issued), a
-- reward of an invite once given. Joiners: members with a known first join and a lead gift. Extra
-- actives: lottery winners active in the 7 days after the day of the gift and not in the 7 before.
with

gifts as (select * from core.gifts),

invites as (select * from core.invites),

members as (select * from core.members),

member_days as (select * from core.member_days),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

known_gifts as (select count(claimed_at) > 0 as has_claims from gifts),

known_rewards as (select count(rewarded_at) > 0 as has_reward_times from invites),

given as (
    select
        gifts.gift_kind,
        gifts.gift_id,
        gifts.member_id,
        gifts.unit_cost,
        case when known_gifts.has_claims then gifts.claimed_at else gifts.issued_at end as given_at
    from gifts
    cross join known_gifts
),

counted_gifts as (
    select given.*, calendar.day
    from given
    cross join settings
    join calendar on given.given_at >= calendar.day_start_at
        and given.given_at < calendar.day_end_at
    where given.given_at < settings.report_at
),

costs as (
    select gift_kind, gift_id as thing_id, unit_cost as cost
    from counted_gifts
    where unit_cost is not null
    union all
    select 'reward' as gift_kind, invites.invite_id as thing_id, invites.reward_cost as cost
    from invites
    cross join settings
    cross join known_rewards
    where invites.reward_cost is not null
        and (invites.rewarded_at < settings.report_at
            or (not known_rewards.has_reward_times and invites.outcome = 'joined'))
),

kinds as (select unnest(['lead', 'lottery', 'reward']) as gift_kind),

kind_costs as (
    select kinds.gift_kind, cast(sum(costs.cost) as double) as cost, count(costs.cost) as things
    from kinds
    left join costs on kinds.gift_kind = costs.gift_kind
    group by kinds.gift_kind
),

joiners as (
    select count(distinct counted_gifts.member_id) as people
    from counted_gifts
    join members on counted_gifts.member_id = members.member_id
    where counted_gifts.gift_kind = 'lead' and members.is_counted and members.is_join_known
),

-- First lottery gift of each member whose 7 days after are over.
winners as (
    select counted_gifts.member_id, min(counted_gifts.day) as day
    from counted_gifts
    join members on counted_gifts.member_id = members.member_id
    where counted_gifts.gift_kind = 'lottery' and members.is_counted
    group by counted_gifts.member_id
),

watched as (
    select
        winners.member_id,
        bool_or(member_days.is_active and member_days.day > winners.day) as is_after,
        bool_or(member_days.is_active and member_days.day < winners.day) as is_before
    from winners
    join calendar on winners.day = calendar.day
    cross join settings
    left join member_days
        on winners.member_id = member_days.member_id
        and member_days.day >= winners.day - interval 7 day
        and member_days.day <= winners.day + interval 7 day
    where calendar.day_end_at + interval 7 day <= settings.report_activity_at
    group by winners.member_id
),

extra_actives as (
    select count(case when is_after and not coalesce(is_before, false) then 1 end) as people
    from watched
),

invitees as (
    select count(*) as people
    from invites
    cross join settings
    where outcome = 'joined' and joined_at < settings.report_at
),

told as (
    select 'gift_cost' as measure, gift_kind as subject, cost as numerator,
        cast(1 as double) as denominator, 'no_gifts' as reason
    from kind_costs
    union all
    select 'cost_per_joiner', gift_kind, cost, cast(joiners.people as double), 'no_new_members'
    from kind_costs
    cross join joiners
    where gift_kind = 'lead'
    union all
    select 'cost_per_extra_active', gift_kind, cost, cast(extra_actives.people as double),
        'no_active_members'
    from kind_costs
    cross join extra_actives
    where gift_kind = 'lottery'
    union all
    select 'cost_per_joined_invitee', gift_kind, cost, cast(invitees.people as double),
        'no_joined_invites'
    from kind_costs
    cross join invitees
    where gift_kind = 'reward'
)

select
    'M61' as concept_id, -- concept
    told.measure, -- what is measured
    'gift_kind' as subject_kind, -- gift_kind
    told.subject, -- lead, lottery or reward
    'all' as period, -- all: everything up to the report
    case when told.denominator > 0 then told.numerator / told.denominator end
        as value, -- the number
    told.numerator, -- cost
    told.denominator, -- people; 1 for the cost itself
    case
        when told.numerator is null and not exported.has_gifts and not exported.has_reward_costs
            then 'no_gift_export'
        when told.numerator is null then 'no_gifts'
        when told.denominator = 0 then told.reason
    end as reason -- why there is no value
from told
cross join exported
