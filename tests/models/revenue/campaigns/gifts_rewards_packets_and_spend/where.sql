campaign_id is not null
