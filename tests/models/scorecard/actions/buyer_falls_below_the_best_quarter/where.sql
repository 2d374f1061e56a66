action = 'recall_buyer' and subject = 'ann' and week_start >= date '2026-01-12'
