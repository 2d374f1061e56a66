stage in ('acquired', 'referred')
