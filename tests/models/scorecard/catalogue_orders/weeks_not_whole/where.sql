measure = 'net_by_order_week'
