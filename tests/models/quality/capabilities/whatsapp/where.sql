metric in (
    'participation_rate',
    'retention.survival',
    'group_health.groups.reply_rate',
    'gmv'
)
