-- One row: every setting a model uses, how far the exports reach, and the instants "now" stands
-- for.
-- grain: time_zone
-- Watermark = end of the last covered day of a kind. R = end of the last complete week at or before
-- it (or before as_of). Metrics of several kinds take the earliest; a kind that is not exported
-- delays nothing.
with

settings as (select * from staging.settings),

covered as (select * from core.source_coverage),

calendar as (select * from staging.calendar),

last_days as (
    select
        max(case when event_kind = 'join' then day end) as join_day,
        max(case when event_kind = 'message' then day end) as message_day,
        max(case when event_kind = 'order' then day end) as order_day,
        max(case when event_kind = 'invite' then day end) as invite_day
    from covered
),

watermarks as (
    select
        max(case when calendar.day = last_days.join_day then calendar.day_end_at end)
            as watermark_join_at,
        max(case when calendar.day = last_days.message_day then calendar.day_end_at end)
            as watermark_message_at,
        max(case when calendar.day = last_days.order_day then calendar.day_end_at end)
            as watermark_order_at,
        max(case when calendar.day = last_days.invite_day then calendar.day_end_at end)
            as watermark_invite_at
    from calendar
    cross join last_days
),

as_of as (
    select max(calendar.day_end_at) as as_of_at
    from calendar
    join settings on calendar.day = settings.as_of
),

week_ends as (
    select week_start, max(week_label) as week_label, max(day_end_at) as week_end_at
    from calendar
    group by week_start
),

-- A report as of a day in the past knows nothing of what came after it.
limits as (
    select
        case when watermark_join_at is not null then least(watermark_join_at, as_of_at) end
            as watermark_join_at,
        case when watermark_message_at is not null then least(watermark_message_at, as_of_at) end
            as watermark_message_at,
        case when watermark_order_at is not null then least(watermark_order_at, as_of_at) end
            as watermark_order_at,
        case when watermark_invite_at is not null then least(watermark_invite_at, as_of_at) end
            as watermark_invite_at
    from watermarks
    cross join as_of
),

instants as (
    select
        max(case when week_end_at <= watermark_join_at then week_end_at end)
            as report_join_at,
        max(case when week_end_at <= watermark_message_at then week_end_at end)
            as report_message_at,
        max(case when week_end_at <= watermark_order_at then week_end_at end)
            as report_order_at,
        max(case when week_end_at <= watermark_invite_at then week_end_at end)
            as report_invite_at
    from week_ends
    cross join limits
),

latest as (
    select
        instants.*,
        least(report_message_at, report_order_at) as report_activity_at,
        greatest(report_join_at, report_message_at, report_order_at, report_invite_at) as report_at
    from instants
),

labelled as (
    select latest.*, week_ends.week_label as report_week, week_ends.week_start as report_week_start
    from latest
    left join week_ends on latest.report_at = week_ends.week_end_at
)

select
    settings.project_name, -- name of the project
    settings.time_zone, -- business time zone
    settings.week_starts, -- monday or sunday
    settings.currency, -- currency of all amounts
    settings.as_of, -- day the report is for, where the settings say so
    labelled.report_at, -- R: end of the last complete week of any kind, naive UTC
    labelled.report_week, -- ISO label of the week that ends at report_at
    labelled.report_week_start, -- its first day
    labelled.report_join_at, -- R of metrics of joins
    labelled.report_message_at, -- R of metrics of messages
    labelled.report_order_at, -- R of metrics of orders
    labelled.report_invite_at, -- R of metrics of invites
    labelled.report_activity_at, -- R of metrics of activity (messages and orders)
    limits.watermark_join_at, -- end of the last covered day of joins, or as_of
    limits.watermark_message_at, -- the same of messages
    limits.watermark_order_at, -- the same of orders
    limits.watermark_invite_at, -- the same of invites
    least(limits.watermark_message_at, limits.watermark_order_at)
        as watermark_activity_at, -- of activity
    settings.rejoin_hours, -- a rejoin within this many hours continues the stay
    settings.moved_hours, -- hours around an exit in which joining the successor is a move
    settings.invite_hours, -- hours an invite is pending
    settings.gap_days, -- quiet days that are a gap
    settings.retention_weeks, -- weeks a cohort is followed
    settings.dead_days, -- days of silence after which a group can be dead
    settings.new_group_days, -- a group younger than this is new
    settings.order_history_days, -- order history from which a first order is called first
    settings.small_n, -- below this a rate is shown grey
    settings.unusual_weeks, -- weeks of the expected range
    settings.unusual_min_weeks, -- weeks it needs at least
    settings.unusual_min_base, -- smallest base of an unusual value
    settings.min_group_members, -- below this a group has no state of its own
    settings.silent_participation, -- participation below this is silent
    settings.dying_message_share, -- share of usual messages below which a group is dying
    settings.watch_score, -- health score below this is watched
    settings.default_capacity, -- capacity of a group where not exported
    settings.lag_days_warning -- days one kind may lag behind another
from settings
cross join labelled
cross join limits
