cohort_week = date '2026-03-02' and source = 'not_invited'
