action = 'check_welcome_offer'
