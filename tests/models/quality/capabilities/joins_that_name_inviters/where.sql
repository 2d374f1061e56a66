metric in (
    'referral.tree',
    'referral.weekly.acceptance_rate'
)
