step = 'own_seats'
