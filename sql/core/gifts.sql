-- One row per gift, as exported.
-- grain: gift_id
with

gifts as (select * from staging.gifts)

select
    gift_id, -- gift
    gift_kind, -- what it is for
    unit_cost, -- cost of one
    issued_at, -- when given
    claimed_at, -- when claimed
    redeemed_at, -- when used
    prize_level, -- level of a prize
    campaign_id, -- campaign
    member_id -- who got it
from gifts
