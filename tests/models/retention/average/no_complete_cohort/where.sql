week_index = 1
