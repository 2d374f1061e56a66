cohort_kind = 'join'
