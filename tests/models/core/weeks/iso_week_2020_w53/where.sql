week_start between date '2020-12-21' and date '2021-01-04'
