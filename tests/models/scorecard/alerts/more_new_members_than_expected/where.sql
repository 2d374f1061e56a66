subject = 'new_members'
