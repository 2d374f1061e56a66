-- One row per campaign and wave, with the time whose acts belong to it.
-- grain: campaign_id, wave_number
-- An act belongs to the wave that started last at or before it; the first wave has what came
-- before, too. A wave without a start has acts only where no wave of the campaign has one.
with

campaigns as (select * from core.campaigns),

placed as (
    select
        campaigns.*,
        row_number() over (
            partition by campaign_id
            order by case when starts_at is null then 1 else 0 end, starts_at, wave_number
        ) as place,
        lead(starts_at) over (
            partition by campaign_id
            order by case when starts_at is null then 1 else 0 end, starts_at, wave_number
        ) as next_at
    from campaigns
)

select
    campaign_id, -- campaign
    wave_number, -- which repetition
    campaign_type, -- kind of campaign
    starts_at, -- start
    coalesce(ends_at, next_at) as over_at, -- end, else the start of the next wave
    spend, -- cost beside gifts and rewards
    case when place = 1 then timestamp '1900-01-01' else starts_at end
        as acts_from_at, -- acts from here on belong to it
    coalesce(next_at, timestamp '9999-01-01') as acts_until_at -- and before this
from placed
