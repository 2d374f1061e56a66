action = 'pull_link'
