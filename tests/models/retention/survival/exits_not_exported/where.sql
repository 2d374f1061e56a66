day in (0, 7)
