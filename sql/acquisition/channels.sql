-- One row per week of first joins, channel and scene: who comes from where, and is it worth it?
-- grain: cohort_week, channel, scene
-- concept: M03 = new_members, share
-- concept: M05 = early_exit_members, early_exit_rate
-- concept: M06 = untargeted_members, untargeted_rate
-- M07 cost per member. unknown is a row of its own, so the rows of a week sum to its new members;
-- a week and channel with cost alone has 0. Windows are half-open from each member's own join and
-- NULL until over and covered for the whole week. Wilson 95 % interval on the 7-day exits. Where
-- only member lists tell exits and they are 7 days or more apart, bounds stand instead of the rate.
with

joiners as (select * from acquisition.channel_joiners),

costs as (select * from acquisition.channel_costs),

exit_windows as (select * from acquisition.exit_windows),

windows as (select * from activation.windows),

weeks as (select * from core.weeks),

settings as (select * from core.settings),

exported as (select * from core.exported),

counts as (
    select
        cohort_week,
        channel,
        scene,
        count(*) as new_members,
        count(case when not is_refuser then 1 end) as archived_members,
        count(case when not is_refuser and not is_spoken_30d and not is_paid_30d then 1 end)
            as untargeted_members,
        count(case when is_gone_7d then 1 end) as early_exit_members,
        count(case when may_be_gone_7d then 1 end) as early_exit_most,
        count(case when is_activated_7d then 1 end) as activated_members,
        count(case when is_paid_30d then 1 end) as buyers
    from joiners
    group by cohort_week, channel, scene
),

keys as (
    select cohort_week, channel, scene from counts
    union
    select cohort_week, channel, scene from costs
),

filled as (
    select
        keys.cohort_week,
        keys.channel,
        keys.scene,
        weeks.join_days,
        weeks.is_join_complete,
        coalesce(exit_windows.is_complete_7d, false) as is_exit_complete_7d,
        coalesce(windows.is_complete_7d, false) as is_complete_7d,
        coalesce(windows.is_complete_30d, false) as is_complete_30d,
        coalesce(windows.is_order_complete_30d, false) as is_order_complete_30d,
        coalesce(counts.new_members, 0) as new_members,
        coalesce(counts.archived_members, 0) as archived_members,
        coalesce(
            exit_windows.is_complete_7d and exported.has_exits and weeks.join_days > 0, false
        ) as bounds_exits,
        coalesce(exit_windows.is_known_7d, true) as is_exit_known_7d,
        coalesce(
            exit_windows.is_complete_7d and exported.has_exits and weeks.join_days > 0
                and coalesce(exit_windows.is_known_7d, true), false
        ) as knows_exits,
        coalesce(counts.early_exit_most, 0) as early_exit_most,
        coalesce(windows.is_complete_30d, false) and settings.watermark_message_at is not null
            and settings.watermark_order_at is not null as knows_untargeted,
        coalesce(counts.untargeted_members, 0) as untargeted_members,
        coalesce(counts.early_exit_members, 0) as early_exit_members,
        coalesce(counts.activated_members, 0) as activated_members,
        coalesce(counts.buyers, 0) as buyers,
        case when exported.has_gift_costs or exported.has_spend
            then coalesce(costs.cost, cast(0 as decimal(18, 2))) end as cost
    from keys
    cross join settings
    cross join exported
    join weeks on keys.cohort_week = weeks.week_start
        and weeks.week_start_at < settings.watermark_join_at
    left join counts
        on keys.cohort_week = counts.cohort_week
        and keys.channel = counts.channel
        and keys.scene = counts.scene
    left join costs
        on keys.cohort_week = costs.cohort_week
        and keys.channel = costs.channel
        and keys.scene = costs.scene
    left join exit_windows on keys.cohort_week = exit_windows.cohort_week
    left join windows on keys.cohort_week = windows.cohort_week and windows.group_id is null
),

wilson as (
    select
        cohort_week,
        channel,
        scene,
        cast(early_exit_members as double) as k,
        cast(new_members as double) as n
    from filled
    where knows_exits and new_members > 0
),

intervals as (
    select
        cohort_week,
        channel,
        scene,
        (k + 1.920729410347062 - 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as low,
        (k + 1.920729410347062 + 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124) as high
    from wilson
)

select
    filled.cohort_week, -- week of the known first join
    filled.channel, -- where members came from; unknown where not exported
    filled.scene, -- how they came in; unknown where not exported
    case when filled.join_days > 0 then filled.new_members end
        as new_members, -- members whose known first join is in the week
    cast(filled.new_members as double)
        / nullif(sum(filled.new_members) over (partition by filled.cohort_week), 0)
        as share, -- of the new members of the week
    filled.archived_members, -- of them, who did not refuse message archiving
    case when filled.knows_untargeted then filled.untargeted_members end
        as untargeted_members, -- of archived_members: no message and no order within 30 d
    case when filled.knows_untargeted then cast(filled.untargeted_members as double)
        / nullif(filled.archived_members, 0) end as untargeted_rate, -- of archived_members
    case when filled.knows_exits then filled.early_exit_members end
        as early_exit_members, -- left or removed within 168 h
    case when filled.knows_exits then cast(filled.early_exit_members as double)
        / nullif(filled.new_members, 0) end as early_exit_rate, -- of new_members
    case when filled.bounds_exits then cast(filled.early_exit_members as double)
        / nullif(filled.new_members, 0) end
        as early_exit_rate_least, -- left or removed within 168 h for sure / new_members
    case when filled.bounds_exits then cast(filled.early_exit_most as double)
        / nullif(filled.new_members, 0) end
        as early_exit_rate_most, -- for sure or perhaps / new_members
    case when intervals.low > 0 then intervals.low when intervals.low is not null then 0.0 end
        as early_exit_low, -- Wilson 95 %
    case when intervals.high < 1 then intervals.high when intervals.high is not null then 1.0 end
        as early_exit_high, -- Wilson 95 %
    case when filled.is_complete_7d then filled.activated_members end
        as activated_members, -- active within 168 h
    case when filled.is_complete_7d then cast(filled.activated_members as double)
        / nullif(filled.new_members, 0) end as activated_rate, -- of new_members
    case when filled.is_order_complete_30d then filled.buyers end
        as buyers, -- with a paid order within 30 d
    case when filled.is_order_complete_30d then cast(filled.buyers as double)
        / nullif(filled.new_members, 0) end as buyer_rate, -- of new_members
    filled.cost, -- lead gifts and spend of campaigns
    case when filled.is_join_complete then cast(filled.cost as double)
        / nullif(filled.new_members, 0) end as cost_per_member, -- cost / new_members
    case when filled.is_order_complete_30d then cast(filled.cost as double)
        / nullif(filled.buyers, 0) end as cost_per_buyer, -- cost / buyers
    filled.is_join_complete as is_complete, -- whether all joins of the week are known
    filled.is_exit_complete_7d, -- 7 days of joins and exits are over and covered
    filled.is_complete_7d, -- 7 days of activity are
    filled.is_complete_30d, -- 30 days of activity are
    filled.is_order_complete_30d, -- 30 days of orders are
    case
        when filled.join_days = 0 then 'not_covered'
        when filled.new_members = 0 then 'no_new_members'
        when not filled.is_join_complete then 'incomplete_week'
        when not exported.has_exits then 'exits_not_exported'
        when not filled.is_exit_known_7d then 'lists_too_far_apart'
        when settings.watermark_activity_at is null then 'no_activity_export'
        when not (filled.is_exit_complete_7d and filled.is_complete_7d) then 'not_mature'
        when settings.watermark_order_at is null then 'no_order_export'
        when settings.watermark_message_at is null then 'no_message_export'
        when not (filled.is_complete_30d and filled.is_order_complete_30d) then 'not_mature'
        when filled.cost is null then 'no_costs'
        when filled.archived_members = 0 then 'no_archived_members'
        when filled.buyers = 0 then 'no_buyers'
    end as reason -- why a value of the row is missing
from filled
cross join settings
cross join exported
left join intervals
    on filled.cohort_week = intervals.cohort_week
    and filled.channel = intervals.channel
    and filled.scene = intervals.scene
