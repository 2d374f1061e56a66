metric = 'link_coverage'
