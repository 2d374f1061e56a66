action = 'change_rota'
