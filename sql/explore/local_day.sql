-- The business day of an instant in naive UTC.
-- zone: an IANA name like 'Asia/Shanghai'. Days in which the clock changes are one day each.
create or replace macro explore.local_day(occurred_at, zone) as
    cast(timezone(zone, timezone('UTC', occurred_at)) as date)
