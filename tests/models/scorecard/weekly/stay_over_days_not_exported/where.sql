metric = 'stay_30d_rate' and cohort_week = date '2026-01-05'
