-- One row per group type and input of the health score: the published weights.
-- grain: group_type, input
with

health_weights as (select * from staging.health_weights)

select
    group_type, -- what the group is for
    input, -- input of the score, a column of group_health.groups
    weight, -- its weight
    at_0, -- value that scores 0
    at_100 -- value that scores 100; linear between
from health_weights
