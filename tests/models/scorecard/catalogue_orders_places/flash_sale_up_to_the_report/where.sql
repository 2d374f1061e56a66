measure = 'first_30min_order_share'
