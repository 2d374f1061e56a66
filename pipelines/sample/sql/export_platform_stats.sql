-- The platform's own daily totals.
select day, null as group_id, metric, value from platform_stats order by day, metric
