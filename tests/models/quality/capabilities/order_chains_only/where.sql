metric in (
    'participation_rate',
    'group_health.groups.members',
    'gmv'
)
