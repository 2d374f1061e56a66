action = 'stop_channel'
