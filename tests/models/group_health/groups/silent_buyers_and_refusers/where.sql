group_id = 'g1'
