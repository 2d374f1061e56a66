measure = 'early_exit_48h_rate' and period = '2026-03-02'
