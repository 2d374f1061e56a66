period = 'all'
