cohort_kind = 'first_purchase' and cohort_week is not null
