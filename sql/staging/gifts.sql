-- Gifts, prizes and coupons as exported.
-- materialized: view
with

gifts as (select * from raw.gifts),

limits as (select * from staging.limits),

aliases as (select * from staging.aliases)

select
    gifts.gift_id, -- gift
    gifts.gift_kind, -- what it is for
    gifts.unit_cost, -- cost of one
    gifts.issued_at, -- when given
    case when gifts.claimed_at < limits.end_at then gifts.claimed_at end
        as claimed_at, -- when claimed
    case when gifts.redeemed_at < limits.end_at then gifts.redeemed_at end
        as redeemed_at, -- when used
    gifts.prize_level, -- level of a prize
    gifts.campaign_id, -- campaign
    coalesce(aliases.member_id, gifts.member_id) as member_id -- who got it
from gifts
cross join limits
left join aliases
    on gifts.member_id = aliases.alias_id
    and coalesce(gifts.issued_at, timestamp '2100-01-01') >= aliases.valid_from
    and coalesce(gifts.issued_at, timestamp '2100-01-01') < aliases.valid_to
where coalesce(gifts.issued_at < limits.end_at, true)
qualify row_number() over (partition by gifts.gift_id order by gifts.source) = 1
