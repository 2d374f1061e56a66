metric in (
    'scorecard.weekly.target',
    'gmv',
    'new_members'
)
