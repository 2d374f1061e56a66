-- Lead gifts, lottery prizes, coupons.
select 'gift' || gift_no as gift_id, gift_kind, unit_cost::decimal(18, 2) as unit_cost,
    ts(issued_t) as issued_at,
    ts(claimed_t) as claimed_at, ts(redeemed_t) as redeemed_at, prize_level, c.campaign_id,
        p.member_id
from gifts join people as p using (person) left join campaigns as c using (campaign_no)
    order by gift_no
