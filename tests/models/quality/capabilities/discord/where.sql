metric in (
    'participation_rate',
    'group_health.groups.reply_rate',
    'retention.survival',
    'stay_30d_rate',
    'referral.tree',
    'gmv'
)
