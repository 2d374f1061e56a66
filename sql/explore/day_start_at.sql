-- The instant, naive UTC, at which a business day begins; where the clock skips its midnight, the
-- first instant after it; where the clock shows midnight twice, the first of them.
create or replace macro explore.day_start_at(day, zone) as
    timezone('UTC', timezone(zone, cast(day as timestamp)))
        - case when explore.local_day(timezone('UTC', timezone(zone, cast(day as timestamp)))
            - interval 1 hour, zone) = day then interval 1 hour else interval 0 hour end
