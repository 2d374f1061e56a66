week_start in (date '2026-01-05', date '2026-01-12')
