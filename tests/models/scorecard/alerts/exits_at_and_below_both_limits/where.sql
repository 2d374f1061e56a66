alert = 'exits_after_push'
