cohort_month = date '2026-01-01'
