-- One row per source of member lists: the business days whose joins its lists tell.
-- grain: source
-- From the day of the first list to the last day that was over when the last list was taken.
with

times as (select * from staging.list_times),

settings as (select * from raw.settings),

spans as (
    select source, min(day) as first_day, max(taken_at) as last_at
    from times
    group by source
)

select
    spans.source, -- where the lists come from
    spans.first_day, -- day of the first list
    greatest(
        spans.first_day,
        cast(timezone(settings.time_zone,
            timezone('UTC', spans.last_at + interval 1 microsecond)) as date) - 1
    ) as last_day -- last day that was over at the last list
from spans
cross join settings
