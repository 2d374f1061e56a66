-- One row: the last day that counts. As of a past day, nothing after it is known.
-- grain: last_day
-- grows: watermark
-- Every staging model with days or times leaves out what came later; everything else reads those.
with

settings as (select * from raw.settings)

select
    coalesce(as_of, date '9999-12-30') as last_day, -- last business day that counts
    coalesce(
        timezone('UTC', timezone(time_zone, cast(as_of + 1 as timestamp))),
        timestamp '9999-12-31'
    ) as end_at -- naive UTC instant it ends
from settings
