alert = 'group_worse'
