-- Weights and bands of the health score per group type.
-- materialized: view
with

health_weights as (select * from raw.health_weights)

select
    group_type, -- group type
    input, -- input of the score
    weight, -- its weight
    at_0, -- value that scores 0
    at_100 -- value that scores 100
from health_weights
