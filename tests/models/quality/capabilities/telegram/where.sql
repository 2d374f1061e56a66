metric in (
    'participation_rate',
    'group_health.groups.reply_rate',
    'retention.survival',
    'gmv',
    'first_order_7d_rate',
    'scorecard.aarrr'
)
