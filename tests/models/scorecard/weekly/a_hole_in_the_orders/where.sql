metric in ('link_coverage', 'repurchase_90d_rate')
    and week_start in ('2026-02-09', '2026-03-30', '2026-06-08', '2026-06-15', '2026-06-22')
