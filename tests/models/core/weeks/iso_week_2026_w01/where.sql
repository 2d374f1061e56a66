week_start between date '2025-12-22' and date '2026-01-05'
