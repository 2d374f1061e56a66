-- One row per group and week: the health score and which inputs it had.
-- grain: group_id, week_start
-- M89. Weighted mean of the exported inputs, each 0-100 linear between at_0 and at_100 of
-- core.health_weights; NULL with fewer than three inputs.
with

snapshots as (select * from group_health.snapshots),

groups as (select * from core.groups),

health_weights as (select * from core.health_weights),

inputs as (
    select group_id, week_start, 'participation_7d' as input, participation_7d as value
        from snapshots
    union all
    select group_id, week_start, 'lurker_rate' as input, lurker_rate as value from snapshots
    union all
    select group_id, week_start, 'top3_share' as input, top3_share as value from snapshots
    union all
    select group_id, week_start, 'exit_rate_28d' as input, exit_rate_28d as value from snapshots
    union all
    select group_id, week_start, 'conversion_30d' as input, conversion_30d as value from snapshots
    union all
    select group_id, week_start, 'reply_rate' as input, reply_rate as value from snapshots
),

points as (
    select
        inputs.group_id,
        inputs.week_start,
        inputs.input,
        inputs.value,
        health_weights.weight,
        least(100.0, greatest(0.0,
            100.0 * (inputs.value - health_weights.at_0)
                / (health_weights.at_100 - health_weights.at_0)
        )) as points
    from inputs
    join groups on inputs.group_id = groups.group_id
    join health_weights on groups.group_type = health_weights.group_type
        and inputs.input = health_weights.input
    where health_weights.weight > 0
),

-- least and greatest skip NULL: an input that is not there must not score.
known as (
    select
        points.*,
        row_number() over (
            partition by group_id, week_start
            order by case when value is null then 1
                else 0 end, weight * (100.0 - points) desc, input
        ) as cost_place
    from points
),

scores as (
    select
        group_id,
        week_start,
        count(value) as inputs_used,
        sum(case when value is not null then weight * points end)
            / sum(case when value is not null then weight end) as score,
        max(case when input = 'participation_7d' and value is null then input end) as missing_1,
        max(case when input = 'lurker_rate' and value is null then input end) as missing_2,
        max(case when input = 'top3_share' and value is null then input end) as missing_3,
        max(case when input = 'exit_rate_28d' and value is null then input end) as missing_4,
        max(case when input = 'conversion_30d' and value is null then input end) as missing_5,
        max(case when input = 'reply_rate' and value is null then input end) as missing_6,
        max(case when cost_place = 1 and value is not null and points < 100 then input end)
            as costliest,
        max(case when cost_place = 2 and value is not null and points < 100 then input end)
            as second_costliest
    from known
    group by group_id, week_start
)

select
    group_id, -- group
    week_start, -- week at whose end it is scored
    case when inputs_used >= 3 then score end as score, -- 0-100; NULL with fewer than three inputs
    inputs_used as score_inputs_used, -- inputs that were exported
    nullif(concat_ws(', ', missing_1, missing_2, missing_3, missing_4, missing_5, missing_6), '')
        as score_inputs_missing, -- inputs that were not
    costliest, -- input that cost most points
    second_costliest -- input that cost second most
from scores
