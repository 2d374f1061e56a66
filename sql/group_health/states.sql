-- One row per group and week: the state of the group, first rule that fits.
-- grain: group_id, week_start
-- unknown (a day of the 14 before is not covered), new, no_sales (no message export), dead,
-- quiet_seller, dying, watch, healthy, else unknown. Medians of conversion are over the groups of
-- the type.
with

snapshots as (select * from group_health.snapshots),

scores as (select * from group_health.scores),

groups as (select * from core.groups),

settings as (select * from core.settings),

type_medians as (
    select groups.group_type, snapshots.week_start, median(snapshots.conversion_30d)
        as median_conversion
    from snapshots
    join groups on snapshots.group_id = groups.group_id
    group by groups.group_type, snapshots.week_start
),

history as (
    select
        snapshots.*,
        groups.group_type,
        scores.score,
        scores.costliest,
        scores.second_costliest,
        count(case when snapshots.participation_7d < settings.silent_participation then 1 end)
            over (
            partition by snapshots.group_id order by snapshots.week_start
            rows between 3 preceding and current row
        ) as silent_weeks,
        lag(scores.score, 1) over (partition by snapshots.group_id order by snapshots.week_start)
            as score_back_1,
        lag(scores.score, 2) over (partition by snapshots.group_id order by snapshots.week_start)
            as score_back_2,
        lag(scores.score, 3) over (partition by snapshots.group_id order by snapshots.week_start)
            as score_back_3,
        lag(scores.score, 4) over (partition by snapshots.group_id order by snapshots.week_start)
            as score_back_4
    from snapshots
    cross join settings
    join groups on snapshots.group_id = groups.group_id
    join scores on snapshots.group_id = scores.group_id and snapshots.week_start = scores.week_start
),

-- The median of the eight weeks before, without the current one.
usual as (
    select current_week.group_id, current_week.week_start, median(before.messages_7d)
        as usual_messages,
        count(before.messages_7d) as usual_weeks
    from snapshots as current_week
    join snapshots as before
        on current_week.group_id = before.group_id
        and before.week_end_at < current_week.week_end_at
        and before.week_end_at >= current_week.week_end_at - interval 57 day
    group by current_week.group_id, current_week.week_start
),

facts as (
    select
        history.*,
        settings.silent_participation,
        settings.watch_score,
        settings.min_group_members,
        type_medians.median_conversion,
        usual.usual_messages,
        (history.is_message_exported and not history.is_message_covered_14d)
            or (history.is_order_exported and not history.is_order_covered_14d)
            or not (history.is_message_exported or history.is_order_exported) as is_uncovered,
        (history.members < settings.min_group_members
            and coalesce(settings.watermark_join_at, settings.watermark_message_at) is not null)
            or coalesce(
                history.born_at > history.week_end_at - settings.new_group_days * interval 1 day,
                false
            )
            as is_new,
        history.silent_weeks = 4
            or coalesce(usual.usual_weeks >= 4 and usual.usual_messages > 0
                and history.messages_7d <= settings.dying_message_share * usual.usual_messages,
                    false) as is_fading,
        history.conversion_30d is null
            or history.conversion_30d = 0
            or history.conversion_30d < type_medians.median_conversion as is_selling_little,
        history.score < history.score_back_1 and history.score_back_1 < history.score_back_2
            and history.score_back_2 < history.score_back_3
                and history.score_back_3 < history.score_back_4
                as is_falling
    from history
    cross join settings
    left join type_medians
        on history.group_type = type_medians.group_type
        and history.week_start = type_medians.week_start
    left join usual on history.group_id = usual.group_id and history.week_start = usual.week_start
),

judged as (
    select
        facts.*,
        case
            when is_uncovered then 'unknown'
            when is_new then 'new'
            when not is_message_exported and paid_orders_14d = 0 then 'no_sales'
            when is_message_exported and member_messages_14d = 0
                and coalesce(paid_orders_14d, 0) = 0 then 'dead'
            when participation_7d < silent_participation and conversion_30d > 0
                and conversion_30d >= median_conversion then 'quiet_seller'
            when is_selling_little and is_fading then 'dying'
            when score < watch_score or is_falling then 'watch'
            when score is not null then 'healthy'
            else 'unknown'
        end as state
    from facts
)

select
    group_id, -- group
    week_start, -- week at whose end it is judged
    state, -- unknown, new, no_sales, dead, quiet_seller, dying, watch or healthy
    median_conversion, -- median conversion_30d of the groups of its type
    usual_messages, -- median messages of the eight weeks before
    not is_uncovered as is_covered, -- whether the 14 days before were exported
    silent_weeks, -- of the last 4 weeks, those in which too few members posted
    coalesce(is_falling, false) as is_falling, -- whether the score fell four weeks running
    case
        when is_uncovered then 'not covered'
        when state = 'new' and members < min_group_members then 'few members'
        when state = 'new' then 'young'
        when state = 'no_sales' then 'no orders in 14 days'
        when state = 'dead' then 'no messages and no orders in 14 days'
        when state = 'quiet_seller' then 'few talk, many buy'
        when state = 'unknown' then 'fewer than three inputs'
        when state = 'watch' and is_falling and score >= watch_score then 'score fell four weeks'
        else nullif(concat_ws(', ', costliest, second_costliest), '')
    end as reason -- what the state rests on: for a score, the two inputs that cost most
from judged
