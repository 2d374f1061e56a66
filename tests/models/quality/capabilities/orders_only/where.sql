metric in (
    'gmv',
    'average_order_value',
    'buyers',
    'revenue.rfm',
    'revenue.weekly.new_buyers',
    'revenue.lifetime_value',
    'margin',
    'new_members',
    'group_health.groups.state',
    'participation_rate',
    'k_factor'
)
