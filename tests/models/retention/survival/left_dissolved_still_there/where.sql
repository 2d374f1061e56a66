cohort_month is not null and day in (0, 1, 2, 3, 5, 6)
