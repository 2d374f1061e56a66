-- One row: every setting a model uses, how far the exports reach, and the instants "now" stands
-- for.
-- grain: time_zone
-- grows: watermark
-- Watermark = end of the last covered day of a kind, at most as_of. R = end of the last complete
-- week at or before it. Metrics of several kinds take the earliest; a kind that is not exported
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

week_ends as (
    select week_start, max(week_label) as week_label, max(day_end_at) as week_end_at
    from calendar
    group by week_start
),

covered_weeks as (
    select calendar.week_start
    from covered
    join calendar on covered.day = calendar.day
    group by calendar.week_start
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
    cross join watermarks
),

latest as (
    select
        instants.*,
        least(report_message_at, report_order_at) as report_activity_at,
        greatest(report_join_at, report_message_at, report_order_at, report_invite_at) as report_at
    from instants
),

labelled as (
    select
        latest.*,
        case when covered_weeks.week_start is not null then week_ends.week_label end as report_week,
        covered_weeks.week_start as report_week_start
    from latest
    left join week_ends on latest.report_at = week_ends.week_end_at
    left join covered_weeks on week_ends.week_start = covered_weeks.week_start
)

select
    settings.project_name, -- name of the project
    settings.time_zone, -- business time zone
    settings.week_starts, -- monday or sunday
    settings.currency, -- currency of all amounts
    settings.as_of, -- day the report is for, where the settings say so
    labelled.report_at, -- R: end of the last complete week of any kind, naive UTC
    labelled.report_week, -- ISO label of the week ending there; NULL if it has no covered day
    labelled.report_week_start, -- its first day
    labelled.report_join_at, -- R of metrics of joins
    labelled.report_message_at, -- R of metrics of messages
    labelled.report_order_at, -- R of metrics of orders
    labelled.report_invite_at, -- R of metrics of invites
    labelled.report_activity_at, -- R of metrics of activity (messages and orders)
    watermarks.watermark_join_at, -- end of the last covered day of joins, or as_of
    watermarks.watermark_message_at, -- the same of messages
    watermarks.watermark_order_at, -- the same of orders
    watermarks.watermark_invite_at, -- the same of invites
    least(watermarks.watermark_message_at, watermarks.watermark_order_at)
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
    settings.lag_days_warning, -- days one kind may lag behind another
    settings.lifetime_min_repeat_buyers, -- repeat buyers below which no lifetime value is shown
    settings.channel_exit_rate, -- 7-day exit rate above which a channel is to be stopped
    settings.channel_min_members, -- members a channel needs for that
    settings.push_exit_ratio, -- exits after a push, as a multiple of the usual: push less
    settings.push_min_exits, -- exits a push needs for that
    settings.reply_minutes, -- median minutes to a first reply above which the rota is to change
    settings.unanswered_rate, -- share of unanswered questions above which the rota is to change
    settings.migrate_talkers, -- fewer talking members than this: a group to migrate
    settings.full_share, -- share of the capacity from which a new group is to be opened
    settings.welcome_min_members, -- cohort size from which first orders are judged
    settings.recall_gap_factor, -- silence, as a multiple of the buyer's median gap: recall
    settings.recall_net_percentile, -- percentile of net revenue worth a recall
    settings.fatigue_min_waves, -- waves a fatigue slope needs
    settings.payout_min_invitees, -- invitees from which a payout is looked at
    settings.payout_gone_share, -- share of invitees gone in 48 h from which a payout is held
    settings.refund_ratio, -- refund rate, as a multiple of the category's: pull the link
    settings.refund_min_orders, -- orders a product needs for that
    settings.complaint_burst, -- complainers in 24 h that are a burst
    settings.leave_alone_percentile, -- percentile of buyers from which a quiet group is left alone
    settings.over_capacity_share, -- share of the capacity from which a group is over capacity
    settings.vip_percentile, -- percentile of 90-day net revenue of a VIP candidate
    settings.vip_min_orders, -- orders a VIP candidate needs
    settings.vip_max_share, -- largest share of buyers who are VIP candidates
    settings.freeloader_days, -- days in a group from which somebody can be a freeloader
    settings.seed_min_descendants, -- descendants of a seed user
    settings.seed_min_invitees, -- joined invitees in 90 days of a seed user
    settings.kol_max_share, -- largest share of members who are KOL candidates
    settings.staff_post_share, -- share of a group's messages from which a member may be staff
    settings.staff_min_posts, -- messages somebody who may be staff needs
    settings.lever_weeks, -- weeks before a post that its expected level comes from
    settings.lever_min_groups, -- groups a reliable lift needs
    settings.lever_min_posts, -- posts a reliable lift needs
    settings.best_group_size, -- said to be the best size of a group
    settings.hit_product_share, -- share of products said to make most sales
    settings.hit_revenue_share, -- share of sales said to come from it
    settings.lead_gift_limit, -- most that a lead gift is said to cost
    settings.kol_reach, -- people one KOL is said to move
    settings.early_exit_limit, -- share of newcomers a new group is said to lose at most in 7 days
    settings.good_participation -- weekly participation said to be good
from settings
cross join labelled
cross join watermarks
