-- One row per cleanup of groups and measure: did it change anything?
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M86 = participation_before, participation_after, conversion_before, conversion_after
-- M86: counted members who posted (bought) in the 28 days before a campaign of type cleanup starts,
-- and in the 28 days from its end on / members at the end of these days; posting without those who
-- refused archiving. Without a cleanup not measurable.
with

waves as (select * from revenue.campaign_waves),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

member_days as (select * from core.member_days),

stays as (select * from core.community_stays),

roles as (select * from core.roles),

started as (
    select
        campaign_id || '/' || cast(wave_number as varchar) as subject,
        starts_at,
        coalesce(over_at, starts_at) as over_at
    from waves
    cross join settings
    where campaign_type = 'cleanup' and starts_at < settings.report_at
),

-- The 28 days before a cleanup, and the 28 from its end on, with the instant their members count.
windows as (
    select subject, 'before' as side, starts_at - interval 28 day as from_at, starts_at as until_at
    from started
    union all
    select subject, 'after' as side, over_at as from_at, over_at + interval 28 day as until_at
    from started
),

present as (
    select windows.subject, windows.side, stays.member_id, roles.is_refuser
    from windows
    join stays on stays.joined_at < windows.until_at
        and (stays.left_at is null or stays.left_at >= windows.until_at)
    join roles on stays.member_id = roles.member_id
    cross join settings
    where windows.until_at <= settings.watermark_activity_at
),

active as (
    select
        windows.subject,
        windows.side,
        member_days.member_id,
        bool_or(member_days.is_posting_active) as has_posted,
        bool_or(member_days.is_buying_active) as has_bought
    from windows
    join calendar on calendar.day_start_at >= windows.from_at
        and calendar.day_end_at <= windows.until_at
    join member_days on calendar.day = member_days.day
    group by windows.subject, windows.side, member_days.member_id
),

changes as (
    select
        windows.subject,
        windows.side,
        count(present.member_id) as members,
        count(case when not present.is_refuser then 1 end) as archived_members,
        count(case when not present.is_refuser and active.has_posted then 1 end) as posters,
        count(case when active.has_bought then 1 end) as buyers
    from windows
    left join present on windows.subject = present.subject and windows.side = present.side
    left join active on present.subject = active.subject and present.side = active.side
        and present.member_id = active.member_id
    group by windows.subject, windows.side
),

told as (
    select 'participation_' || side as measure, subject, posters as part,
        archived_members as whole
    from changes
    union all
    select 'conversion_' || side as measure, subject, buyers as part, members as whole
    from changes
),

names as (
    select unnest([
        'participation_before', 'participation_after', 'conversion_before', 'conversion_after'
    ]) as measure
),

judged as (
    select
        names.measure,
        told.subject,
        told.part,
        told.whole,
        case
            when told.subject is null then 'not_measurable'
            when names.measure like 'participation%' and settings.watermark_message_at is null
                then 'no_message_export'
            when names.measure like 'conversion%' and settings.watermark_order_at is null
                then 'no_order_export'
            when told.whole = 0 then 'not_mature'
        end as reason
    from names
    cross join settings
    left join told on names.measure = told.measure
)

select
    'M86' as concept_id, -- concept
    measure, -- what is measured
    case when subject is null then 'community' else 'campaign' end as subject_kind, -- of whom
    coalesce(subject, 'all') as subject, -- campaign/wave; all where there is no cleanup
    '28d' as period, -- 28d: the days before its start, or from its end on
    case when reason is null then cast(part as double) / whole end as value, -- the number
    case when reason is null then cast(part as double) end as numerator, -- posters or buyers
    case when reason is null then cast(whole as double) end as denominator, -- members
    reason -- why there is no value
from judged
