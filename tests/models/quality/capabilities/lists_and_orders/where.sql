metric in (
    'group_health.groups.conversion_30d',
    'first_order_7d_rate',
    'link_coverage',
    'group_health.groups.state',
    'dying_or_dead_groups',
    'participation_rate'
)
