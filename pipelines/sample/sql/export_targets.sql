-- Weekly targets.
select metric, getvariable('start_ts')::date + (w * 7)::int as period_start,
    round(base * getvariable('scale') * (1 + 0.004 * w), -1)::bigint as value
from range(getvariable('weeks')::int) as n(w),
    (values ('net_revenue', 21000), ('new_members', 110)) as m(metric, base)
order by metric, period_start
