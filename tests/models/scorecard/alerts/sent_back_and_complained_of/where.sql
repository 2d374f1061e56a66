alert in ('refund_burst', 'complaint_burst')
