action = 'migrate_then_dissolve'
