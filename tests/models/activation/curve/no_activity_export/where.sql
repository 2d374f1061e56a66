hour = 24
