-- Campaigns, and the weekly member day.
select campaign_id, campaign_name, campaign_type, channel, wave_number, ts(start_t) as starts_at,
    ts(end_t) as ends_at, (spend * getvariable('scale'))::decimal(18, 2) as spend, null as target
from campaigns
union all
select 'c_member_day', '周四会员日 Member day', 'other', 'group', 1, ts(0), ts(getvariable('end_t')),
    null, null
order by starts_at, campaign_id
