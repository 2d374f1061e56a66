cohort_week = date '2026-03-02'
