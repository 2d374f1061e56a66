-- One row per week: how often do active members come?
-- grain: week_start
-- concept: M44 = dau_wau, dau_mau
-- The community. Mean daily actives / distinct actives, of the week and of the 30 days that end
-- with it; NULL unless all days are covered.
with

scope_stickiness as (select * from retention.scope_stickiness)

select
    week_start, -- first day of the week
    daily_actives_mean, -- members active on a day, mean of the 7 days
    weekly_actives, -- members active in the week
    daily_actives_mean_30d, -- members active on a day, mean of the 30 days
    monthly_actives, -- members active in the 30 days that end with the week
    dau_wau, -- daily_actives_mean / weekly_actives
    dau_mau, -- daily_actives_mean_30d / monthly_actives
    is_complete, -- whether all 7 days are covered
    is_complete_30d, -- whether all 30 days are
    reason -- why a value of the row is missing
from scope_stickiness
where group_id is null
