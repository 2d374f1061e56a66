metric in (
    'participation_rate',
    'dying_or_dead_groups',
    'exit_rate'
)
