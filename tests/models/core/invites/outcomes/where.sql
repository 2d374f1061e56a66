outcome <> 'later_invite'
