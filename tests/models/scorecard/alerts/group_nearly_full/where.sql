alert = 'group_full'
