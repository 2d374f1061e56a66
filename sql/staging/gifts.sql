-- Gifts, prizes and coupons as exported.
-- materialized: view
with

gifts as (select * from raw.gifts),

aliases as (select * from staging.aliases)

select
    gifts.gift_id, -- gift
    gifts.gift_kind, -- what it is for
    gifts.unit_cost, -- cost of one
    gifts.issued_at, -- when given
    gifts.claimed_at, -- when claimed
    gifts.redeemed_at, -- when used
    gifts.prize_level, -- level of a prize
    gifts.campaign_id, -- campaign
    coalesce(aliases.member_id, gifts.member_id) as member_id -- who got it
from gifts
left join aliases
    on gifts.member_id = aliases.alias_id
    and coalesce(gifts.issued_at, timestamp '2100-01-01') >= aliases.valid_from
    and coalesce(gifts.issued_at, timestamp '2100-01-01') < aliases.valid_to
qualify row_number() over (partition by gifts.gift_id order by gifts.source) = 1
