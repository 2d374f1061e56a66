action = 'fewer_pushes'
