metric not like '%total'
