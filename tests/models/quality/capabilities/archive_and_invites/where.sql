metric in (
    'k_factor',
    'referral.tree',
    'referral.weekly.acceptance_rate',
    'referral.weekly.reward_cost'
)
