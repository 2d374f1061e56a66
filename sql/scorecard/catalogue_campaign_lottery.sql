-- One row per measure of lotteries.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M58 = winner_share, prize_redeemed_share, upgrade_share
-- concept: M58 = conversion_with_lottery, conversion_without_lottery
-- M58 up to the report. Entrants: members with an act of a campaign that gives lottery gifts;
-- winners: those of them with one. Upgrade: a third prize and a better one in the same campaign.
-- Conversion: counted seats at the start of such a wave whose member bought until it was over.
with

gifts as (select * from core.gifts),

acts as (select * from revenue.campaign_acts),

waves as (select * from revenue.campaign_waves),

stays as (select * from core.stays),

orders as (select * from core.orders),

roles as (select * from core.roles),

exported as (select * from core.exported),

settings as (select * from core.settings),

prizes as (
    select
        gifts.campaign_id,
        gifts.member_id,
        bool_or(gifts.redeemed_at < settings.report_at) as is_redeemed,
        bool_or(gifts.prize_level = 3) as has_third,
        bool_or(gifts.prize_level < 3) as has_better
    from gifts
    cross join settings
    join roles on gifts.member_id = roles.member_id and roles.is_counted
    where gifts.gift_kind = 'lottery'
        and gifts.campaign_id is not null
        and coalesce(gifts.issued_at, gifts.claimed_at) < settings.report_at
    group by gifts.campaign_id, gifts.member_id
),

lotteries as (select campaign_id from prizes group by campaign_id),

-- A prize that nobody claimed makes no act, but its winner has entered.
entrants as (
    select acts.campaign_id, acts.member_id
    from acts
    join lotteries on acts.campaign_id = lotteries.campaign_id
    where acts.is_participation
    union
    select campaign_id, member_id from prizes
),

entries as (
    select
        count(*) as entrants,
        count(prizes.member_id) as winners,
        count(case when prizes.is_redeemed then 1 end) as redeemed,
        count(case when prizes.has_third then 1 end) as thirds,
        count(case when prizes.has_third and prizes.has_better then 1 end) as upgrades
    from entrants
    left join prizes on entrants.campaign_id = prizes.campaign_id
        and entrants.member_id = prizes.member_id
),

lottery_waves as (
    select waves.campaign_id, waves.wave_number, waves.starts_at, waves.over_at
    from waves
    join lotteries on waves.campaign_id = lotteries.campaign_id
    cross join settings
    where waves.over_at <= settings.report_order_at
),

running as (
    select acts.campaign_id, acts.wave_number, acts.group_id
    from acts
    where acts.group_id is not null and acts.is_done
    group by acts.campaign_id, acts.wave_number, acts.group_id
),

seats as (
    select
        lottery_waves.campaign_id,
        lottery_waves.wave_number,
        stays.group_id,
        stays.member_id,
        running.group_id is not null as has_lottery
    from lottery_waves
    join stays
        on stays.joined_at <= lottery_waves.starts_at
        and (stays.left_at is null or stays.left_at > lottery_waves.starts_at)
    left join running
        on lottery_waves.campaign_id = running.campaign_id
        and lottery_waves.wave_number = running.wave_number
        and stays.group_id = running.group_id
),

buyers as (
    select lottery_waves.campaign_id, lottery_waves.wave_number, orders.member_id
    from lottery_waves
    join orders
        on orders.paid_at >= lottery_waves.starts_at
        and orders.paid_at < lottery_waves.over_at
    where orders.is_paid and orders.is_counted
    group by lottery_waves.campaign_id, lottery_waves.wave_number, orders.member_id
),

conversions as (
    select
        count(case when seats.has_lottery then 1 end) as seats_with,
        count(case when seats.has_lottery then buyers.member_id end) as buyers_with,
        count(case when not seats.has_lottery then 1 end) as seats_without,
        count(case when not seats.has_lottery then buyers.member_id end) as buyers_without
    from seats
    left join buyers on seats.campaign_id = buyers.campaign_id
        and seats.wave_number = buyers.wave_number
        and seats.member_id = buyers.member_id
),

told as (
    select 'winner_share' as measure, winners as numerator, entrants as denominator from entries
    union all
    select 'prize_redeemed_share', redeemed, winners from entries
    union all
    select 'upgrade_share', upgrades, thirds from entries
    union all
    select 'conversion_with_lottery', buyers_with, seats_with from conversions
    union all
    select 'conversion_without_lottery', buyers_without, seats_without from conversions
)

select
    'M58' as concept_id, -- concept
    told.measure, -- what is measured
    'community' as subject_kind, -- community
    'all' as subject, -- all
    'all' as period, -- all: everything up to the report
    cast(told.numerator as double) / nullif(told.denominator, 0) as value, -- the number
    cast(told.numerator as double) as numerator, -- winners, redeemed, upgrades or buyers
    cast(told.denominator as double) as denominator, -- entrants, winners, third prizes or seats
    case
        when told.denominator > 0 then null
        when not exported.has_gifts then 'no_gift_export'
        when told.measure = 'upgrade_share' and not exported.has_prizes then 'no_prize_levels'
        else 'no_lottery'
    end as reason -- why there is no value
from told
cross join exported
