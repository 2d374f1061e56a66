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
    lag_days_warning, -- days one kind may lag behind another
    lifetime_min_repeat_buyers, -- repeat buyers below which no lifetime value is shown
    channel_exit_rate, -- 7-day exit rate above which a channel is to be stopped
    channel_min_members, -- members a channel needs for that
    push_exit_ratio, -- exits after a push, as a multiple of the usual, from which to push less
    push_min_exits, -- exits a push needs for that
    reply_minutes, -- median minutes to a first reply above which the rota is to change
    unanswered_rate, -- share of unanswered questions above which the rota is to change
    migrate_talkers, -- fewer talking members than this: a group to migrate
    full_share, -- share of the capacity from which a new group is to be opened
    welcome_min_members, -- cohort size from which first orders are judged
    recall_gap_factor, -- silence, as a multiple of the buyer's own median gap, from which to recall
    recall_net_percentile, -- percentile of net revenue from which a buyer is worth a recall
    fatigue_min_waves, -- waves a fatigue slope needs
    payout_min_invitees, -- invitees from which a payout is looked at
    payout_gone_share, -- share of invitees gone in 48 h from which a payout is held
    refund_ratio, -- refund rate, as a multiple of the category's, from which a link is pulled
    refund_min_orders, -- orders a product needs for that
    complaint_burst, -- complainers in 24 h that are a burst
    leave_alone_percentile, -- percentile of buyers from which a quiet group is left alone
    over_capacity_share, -- share of the capacity from which a group is over capacity
    vip_percentile, -- percentile of 90-day net revenue of a VIP candidate
    vip_min_orders, -- orders a VIP candidate needs
    vip_max_share, -- largest share of buyers who are VIP candidates
    freeloader_days, -- days in a group from which somebody can be a freeloader
    seed_min_descendants, -- descendants of a seed user
    seed_min_invitees, -- joined invitees in 90 days of a seed user
    kol_max_share, -- largest share of members who are KOL candidates
    staff_post_share, -- share of a group's messages from which a member may be staff
    staff_min_posts, -- messages somebody who may be staff needs
    lever_weeks, -- weeks before a post that its expected level comes from
    lever_min_groups, -- groups a reliable lift needs
    lever_min_posts, -- posts a reliable lift needs
    best_group_size, -- said to be the best size of a group
    hit_product_share, -- share of products said to make most sales
    hit_revenue_share, -- share of sales said to come from it
    lead_gift_limit, -- most that a lead gift is said to cost
    kol_reach, -- people one KOL is said to move
    early_exit_limit, -- share of newcomers a new group is said to lose at most in 7 days
    good_participation -- weekly participation said to be good
from settings
