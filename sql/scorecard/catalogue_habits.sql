-- One row per measure of habits: check-ins, sessions of a day, joins by a shared link.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M33 = checkin_daily_rate, checkin_longest_streak, checkin_streak_survival
-- concept: M45 = three_sessions_share
-- concept: M76 = shares, link_joins_per_active
-- As of R of joins and messages (M33), of joins and activity (M45, M76).
with

member_days as (select * from core.member_days),

members as (select * from core.members),

community_stays as (select * from core.community_stays),

streaks as (select * from retention.streaks),

session_days as (select * from retention.session_days),

windows as (select * from core.report_windows),

joins as (select * from staging.joins),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

exported as (select * from core.exported),

spans as (select unnest([7, 28]) as days),

reaches as (select unnest([2, 3, 5, 7, 14, 21, 30]) as reach),

ends as (
    select max(calendar.day_number) as last_number, max(calendar.day) as last_day
    from calendar
    join settings on calendar.day_end_at <= settings.report_message_at
),

checkins as (
    select windows.days, count(distinct member_days.member_id || ' '
        || cast(member_days.day as varchar)) as checkin_days
    from windows
    join member_days
        on member_days.day >= windows.first_day
        and member_days.day <= windows.last_day
        and member_days.check_ins > 0
    where windows.kind = 'message'
    group by windows.days
),

present as (
    select count(*) as members
    from community_stays
    cross join settings
    join members on community_stays.member_id = members.member_id
    where coalesce(members.archive_consent, true)
        and community_stays.joined_at < least(settings.report_join_at, settings.report_message_at)
        and (community_stays.left_at is null
            or community_stays.left_at >= least(settings.report_join_at,
                settings.report_message_at))
),

survivals as (
    select
        reaches.reach,
        count(case when streaks.days >= reaches.reach then 1 end) as reached,
        count(streaks.member_id) as streaks
    from reaches
    cross join ends
    left join streaks on streaks.first_number + reaches.reach - 1 <= ends.last_number
    group by reaches.reach
),

sessions as (
    select
        windows.days,
        count(case when session_days.sessions >= 3 then 1 end) as often,
        count(session_days.member_id) as actives
    from windows
    left join session_days
        on session_days.day >= windows.first_day
        and session_days.day <= windows.last_day
    where windows.kind = 'activity' and windows.days in (7, 28)
    group by windows.days
),

link_joins as (
    select count(*) as joins
    from joins
    join members on joins.member_id = members.member_id
    join windows
        on windows.kind = 'activity'
        and windows.days = 28
        and joins.occurred_at >= windows.start_at
        and joins.occurred_at < windows.report_at
    where members.is_counted and joins.action = 'join' and joins.scene = 'link'
),

actives as (
    select count(distinct member_days.member_id) as members
    from member_days
    join windows
        on windows.kind = 'activity'
        and windows.days = 28
        and member_days.day >= windows.first_day
        and member_days.day <= windows.last_day
    where member_days.is_active
),

measures as (
    select 'M33' as concept_id, 'checkin_daily_rate' as measure, 'community' as subject_kind,
        'all' as subject, cast(spans.days as varchar) || 'd' as period,
        coalesce(checkins.checkin_days, 0) / cast(spans.days as double) as part,
        cast(present.members as double) as whole, 'message' as kind, spans.days
    from spans
    cross join present
    left join checkins on spans.days = checkins.days
    union all
    select 'M33', 'checkin_longest_streak', 'community', 'all', 'all',
        cast(max(streaks.days) as double), cast(1 as double), 'message', null
    from streaks
    join ends on streaks.first_day <= ends.last_day
    union all
    select 'M33', 'checkin_streak_survival', 'streak_day', cast(reach as varchar), 'all',
        cast(reached as double), cast(streaks as double), 'message', null
    from survivals
    union all
    select 'M45', 'three_sessions_share', 'community', 'all', cast(spans.days as varchar) || 'd',
        cast(sessions.often as double), cast(sessions.actives as double), 'activity', spans.days
    from spans
    left join sessions on spans.days = sessions.days
    union all
    select 'M76', 'link_joins_per_active', 'community', 'all', '28d',
        cast(link_joins.joins as double), cast(actives.members as double), 'activity', 28
    from link_joins
    cross join actives
    union all
    select 'M76', 'shares', 'community', 'all', 'all', null, null, null, null
    from settings
),

judged as (
    select
        measures.*,
        case
            when measures.measure = 'shares' then 'not_measurable'
            when settings.watermark_join_at is null then 'no_join_export'
            when measures.kind = 'message' and settings.watermark_message_at is null
                then 'no_message_export'
            when settings.watermark_activity_at is null then 'no_activity_export'
            when measures.concept_id = 'M33' and not exported.has_checkins then 'no_check_ins'
            when measures.concept_id = 'M76' and not exported.has_scenes then 'no_scenes'
            when measures.days is not null and not coalesce(windows.is_covered, false)
                then 'not_covered'
            when coalesce(measures.whole, 0) > 0 and measures.part is not null then null
            when measures.measure = 'checkin_daily_rate' then 'no_members'
            when measures.concept_id = 'M33' then 'no_check_ins'
            else 'no_active_members'
        end as reason
    from measures
    cross join settings
    cross join exported
    left join windows on measures.kind = windows.kind and measures.days = windows.days
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or streak_day
    subject, -- all, or days on end
    period, -- days before R, or all
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null and measure <> 'checkin_longest_streak' then whole end
        as denominator, -- of how many
    reason -- why there is no value
from judged
