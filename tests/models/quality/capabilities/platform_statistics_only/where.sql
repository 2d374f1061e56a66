metric in (
    'quality.reconciliation',
    'scorecard.bridge',
    'new_members',
    'scorecard.aarrr'
)
