week_start <= '2026-03-16'
