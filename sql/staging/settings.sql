-- The settings of this project, one row.
-- materialized: view
with

settings as (select * from raw.settings)

select
    project_name, -- name of the project
    time_zone, -- business time zone
    week_starts, -- monday or sunday
    currency, -- currency of all amounts
    as_of, -- day the report is for, where the settings say so
    rejoin_hours, -- a rejoin within this many hours continues the stay
    moved_hours, -- joining the successor this near to the exit is a move
    invite_hours, -- an invite is pending for this many hours
    gap_days, -- this many days without any row are a gap in an export
    retention_weeks, -- weeks a cohort is followed
    dead_days, -- days of silence after which a group can be dead
    new_group_days, -- a group younger than this is new
    order_history_days, -- days of order history from which a first order is called first
    small_n, -- below this a rate is shown grey
    unusual_weeks, -- weeks of the expected range
    unusual_min_weeks, -- weeks it needs at least
    unusual_min_base, -- smallest base of an unusual value
    min_group_members, -- below this a group has no state of its own
    silent_participation, -- participation below this is silent
    dying_message_share, -- share of the usual messages below which a group is dying
    watch_score, -- health score below this is watched
    default_capacity, -- members a group can have where not exported
    lag_days_warning -- days one kind may lag behind another
from settings
