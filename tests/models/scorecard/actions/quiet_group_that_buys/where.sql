action = 'leave_alone'
