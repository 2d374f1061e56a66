action = 'replace_mechanic'
