-- One row per cohort week and stage of the AARRR funnel.
-- grain: cohort_week, stage
-- concept: M80 = share_of_acquired, closed_share
-- M80. The community; definitions in scorecard.scope_aarrr. Only closed counts must fall from stage
-- to stage.
with

scope_aarrr as (select * from scorecard.scope_aarrr)

select
    cohort_week, -- week of the known first join
    stage, -- acquired, activated, retained, paid or referred
    place, -- 1 to 5
    members, -- members of the cohort who reached it
    former_customers, -- of them, who bought before joining
    share_of_acquired, -- members / acquired
    closed_members, -- who reached all earlier stages too
    closed_share, -- closed_members / acquired
    median_days_from_join, -- among those who reached it
    is_complete, -- whether its window is over and covered for the whole cohort
    is_closed_complete, -- and those of all earlier stages
    reason -- why the stage has no value
from scope_aarrr
where group_id is null
