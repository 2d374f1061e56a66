action = 'hold_payout'
