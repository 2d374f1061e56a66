week_index <= 4
