-- Campaigns as exported.
-- materialized: view
with

campaigns as (select * from raw.campaigns)

select
    campaign_id, -- campaign
    campaign_name, -- name
    coalesce(campaign_type, 'other') as campaign_type, -- kind of campaign
    channel, -- channel it runs in
    coalesce(wave_number, 1) as wave_number, -- which repetition
    starts_at, -- start
    ends_at, -- end
    spend, -- cost beside gifts and rewards
    target -- what it should bring
from campaigns
qualify row_number() over (
    partition by campaign_id, coalesce(wave_number, 1) order by source
) = 1
