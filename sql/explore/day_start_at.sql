-- The instant, naive UTC, at which a business day begins; where the clock skips its midnight, the
-- first instant after it.
create or replace macro explore.day_start_at(day, zone) as
    timezone('UTC', timezone(zone, cast(day as timestamp)))
