action = 'open_new_group'
