group_id = 'empty'
