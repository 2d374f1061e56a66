action = 'recall_buyer'
