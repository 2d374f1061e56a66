-- One row per campaign and wave, as exported.
-- grain: campaign_id, wave_number
with

campaigns as (select * from staging.campaigns)

select
    campaign_id, -- campaign
    campaign_name, -- name
    campaign_type, -- kind of campaign
    channel, -- channel it runs in
    wave_number, -- which repetition
    starts_at, -- start
    ends_at, -- end
    spend, -- cost beside gifts and rewards
    target -- what it should bring
from campaigns
