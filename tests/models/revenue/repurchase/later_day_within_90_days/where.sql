category = 'all' and cohort_month in (date '2026-01-01', date '2026-04-01')
