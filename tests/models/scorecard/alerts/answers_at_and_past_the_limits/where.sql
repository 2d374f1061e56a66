alert = 'slow_response'
