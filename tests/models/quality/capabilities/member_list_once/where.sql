metric in (
    'new_members',
    'group_health.groups.members',
    'exit_rate',
    'net_members',
    'retention.survival',
    'stay_30d_rate',
    'retention_week4',
    'group_health.groups.state'
)
