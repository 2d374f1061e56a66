month_start = date '2026-03-01'
