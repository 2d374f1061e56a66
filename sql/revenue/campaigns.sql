-- One row per campaign and wave: what it brought, what it cost, who took part.
-- grain: campaign_id, wave_number
-- concept: M30 = participants, participation_rate
-- concept: M60 = roi, contribution, margin, gift_cost, reward_cost, red_packet_cost, spend
-- concept: M93 = contribution
-- As of the report, orders by campaign_id only. The row without campaign_id holds all other orders,
-- so that the rows sum to all. A cost nobody exported counts as 0. contribution = margin - gifts -
-- rewards - red packets - spend; roi = contribution / these four; both NULL without margin.
with

campaigns as (select * from core.campaigns),

money as (select * from revenue.campaign_money),

people as (select * from revenue.campaign_people),

settings as (select * from core.settings),

keys as (
    select campaign_id, wave_number from campaigns
    union
    select campaign_id, wave_number from money
    union
    select campaign_id, wave_number from people
),

-- What is planned for later has cost nothing yet.
started as (
    select campaigns.campaign_id, campaigns.wave_number, campaigns.spend
    from campaigns
    cross join settings
    where coalesce(campaigns.starts_at < settings.report_at, true)
),

summed as (
    select
        keys.campaign_id,
        keys.wave_number,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.starts_at,
        campaigns.ends_at,
        coalesce(money.orders, 0) as orders,
        coalesce(money.net_revenue, 0) as net_revenue,
        money.margin,
        money.gmv,
        money.costed_gmv,
        coalesce(money.gift_cost, 0) as gift_cost,
        coalesce(money.reward_cost, 0) as reward_cost,
        coalesce(money.red_packet_cost, 0) as red_packet_cost,
        coalesce(started.spend, 0) as spend,
        coalesce(money.gift_cost, 0) + coalesce(money.reward_cost, 0)
            + coalesce(money.red_packet_cost, 0) + coalesce(started.spend, 0) as cost,
        coalesce(money.coupons_issued, 0) as coupons_issued,
        case when money.coupons_issued > 0 then money.coupons_claimed else 0 end as coupons_claimed,
        case when money.coupons_issued > 0 then money.coupons_redeemed else 0 end
            as coupons_redeemed
    from keys
    left join campaigns on keys.campaign_id = campaigns.campaign_id
        and keys.wave_number = campaigns.wave_number
    left join started on keys.campaign_id = started.campaign_id
        and keys.wave_number = started.wave_number
    left join money on keys.campaign_id is not distinct from money.campaign_id
        and keys.wave_number is not distinct from money.wave_number
),

counted as (
    select
        summed.*,
        case when summed.campaign_id is not null then coalesce(people.participants, 0) end
            as participants,
        case when summed.starts_at is not null then coalesce(people.groups, 0) end as groups,
        case when summed.starts_at is not null then coalesce(people.members, 0) end as members,
        case when summed.starts_at is not null then coalesce(people.participants_at_start, 0) end
            as participants_at_start,
        case when summed.campaign_id is not null then coalesce(people.starters, 0) end as starters,
        case when summed.campaign_id is not null then coalesce(people.helpers, 0) end as helpers,
        case when summed.campaign_id is not null then coalesce(people.new_members, 0) end
            as new_members,
        case when summed.campaign_id is not null then coalesce(people.teams_over, 0) end
            as teams_over,
        case when summed.campaign_id is not null then coalesce(people.teams_completed, 0) end
            as teams_completed
    from summed
    left join people on summed.campaign_id = people.campaign_id
        and summed.wave_number = people.wave_number
)

select
    counted.campaign_id, -- campaign; NULL for all orders without one
    counted.wave_number, -- which repetition
    counted.campaign_name, -- name
    counted.campaign_type, -- kind of campaign; NULL where it is in no list
    counted.starts_at, -- start, naive UTC
    counted.ends_at, -- end, naive UTC
    counted.orders, -- paid orders that name it
    cast(counted.net_revenue as decimal(18, 2)) as attributed_net, -- their net revenue
    counted.margin, -- net revenue less cost, over lines of known cost; NULL where none is
    cast(counted.costed_gmv as double) / nullif(cast(counted.gmv as double), 0)
        as cost_known_share, -- share of their paid amounts whose cost is known
    cast(counted.gift_cost as decimal(18, 2)) as gift_cost, -- gifts claimed
    cast(counted.reward_cost as decimal(18, 2)) as reward_cost, -- rewards of invites given
    cast(counted.red_packet_cost as decimal(18, 2)) as red_packet_cost, -- red packets of staff
    cast(counted.spend as decimal(18, 2)) as spend, -- other cost
    cast(counted.cost as decimal(18, 2)) as total_cost, -- the four costs together
    cast(case when counted.campaign_id is not null then counted.margin - counted.cost end
        as decimal(18, 2)) as contribution, -- margin - total_cost
    case when counted.campaign_id is not null
        then cast(counted.margin - counted.cost as double)
            / nullif(cast(counted.cost as double), 0) end
        as roi, -- contribution / total_cost
    counted.participants, -- distinct members with an order, message, invite or gift of it
    counted.groups, -- groups in which anybody took part
    counted.members, -- members of these groups at the start
    counted.participants_at_start, -- participants among them
    cast(counted.participants_at_start as double) / nullif(counted.members, 0)
        as participation_rate, -- participants_at_start / members
    counted.starters, -- members who opened a team or sent an invite
    counted.helpers, -- others in their teams, and people who accepted
    cast(counted.helpers as double) / nullif(counted.starters, 0)
        as helpers_per_starter, -- helpers / starters
    counted.teams_over as teams, -- teams opened whose deadline is over
    counted.teams_completed, -- of them, completed
    cast(counted.teams_completed as double) / nullif(counted.teams_over, 0)
        as completed_share, -- teams_completed / teams
    counted.new_members, -- known first joins that name it, or came by an invite that does
    cast(counted.new_members as double) / nullif(counted.starters, 0)
        as new_members_per_starter, -- new_members / starters
    counted.coupons_issued, -- coupons given out
    counted.coupons_claimed, -- of them, claimed; NULL where no claim is exported
    counted.coupons_redeemed, -- of them, used; NULL where no use is exported
    case
        when counted.campaign_id is null then 'no_campaign'
        when counted.margin is null and settings.watermark_order_at is null then 'no_order_export'
        when counted.margin is null and counted.orders = 0 then 'no_paid_orders'
        when counted.margin is null or counted.cost = 0 then 'no_cost'
        when counted.starts_at is null then 'no_campaign_start'
        when counted.members = 0 then 'no_members'
        when counted.coupons_claimed is null then 'no_claims'
        when counted.coupons_redeemed is null then 'no_redemptions'
    end as reason -- why a value of the row is missing
from counted
cross join settings
