-- One row per measure of what is said in groups, for the community and, where marked, each group.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M20 = member_share
-- concept: M35 = ad_share, promo_posts_per_day
-- concept: M36 = alt_share
-- concept: M38 = on_topic_share
-- concept: M39 = staffed_day_share, unstaffed_group_share
-- concept: M41 = selling_group_share, promo_share
-- Groups open at R of messages with all their days covered; see docs/metrics.md.
with

talks as (select * from group_health.talks),

settings as (select * from core.settings),

exported as (select * from core.exported),

-- The community always has its row, also where there is no group at all.
scopes as (
    select 'group' as subject_kind, group_id as subject, talks.*
    from talks
    union all
    select 'community', 'all', talks.*
    from settings
    left join talks on true
),

summed as (
    select
        subject_kind,
        subject,
        count(messages) as covered_groups,
        count(staff_days_7d) as covered_groups_7d,
        sum(messages) as messages,
        sum(member_messages) as member_messages,
        sum(ad_messages) as ad_messages,
        sum(case when topic is not null then subject_messages end) as subject_messages,
        sum(on_topic_messages) as on_topic_messages,
        sum(staff_messages) as staff_messages,
        sum(promo_messages) as promo_messages,
        sum(alt_messages) as alt_messages,
        sum(staff_days_7d) as staff_days,
        count(case when staff_days_7d = 0 then 1 end) as unstaffed_groups,
        count(case when staff_messages > 0 then 1 end) as staffed_groups,
        count(case when promo_messages * 2 > staff_messages then 1 end) as selling_groups
    from scopes
    group by subject_kind, subject
),

measures as (
    select subject_kind, subject, 'M20' as concept_id, 'member_share' as measure, '28d' as period,
        messages - staff_messages as part, messages as whole, 'no_messages' as empty_reason,
        covered_groups > 0 as is_covered, true as is_exported
    from summed
    union all
    select subject_kind, subject, 'M35', 'ad_share', '28d', ad_messages, member_messages,
        'no_messages', covered_groups > 0, exported.has_topics
    from summed
    cross join exported
    union all
    select subject_kind, subject, 'M35', 'promo_posts_per_day', '28d', promo_messages,
        covered_groups * 28, 'no_groups', covered_groups > 0, exported.has_topics
    from summed
    cross join exported
    union all
    select subject_kind, subject, 'M36', 'alt_share', '28d', alt_messages, messages + alt_messages,
        'no_messages', covered_groups > 0, true
    from summed
    union all
    select subject_kind, subject, 'M38', 'on_topic_share', '28d', on_topic_messages,
        subject_messages, 'no_subjects', covered_groups > 0, exported.has_subjects
    from summed
    cross join exported
    union all
    select subject_kind, subject, 'M39', 'staffed_day_share', '7d', staff_days,
        covered_groups_7d * 7, 'no_groups', covered_groups_7d > 0, true
    from summed
    union all
    select subject_kind, subject, 'M39', 'unstaffed_group_share', '7d', unstaffed_groups,
        covered_groups_7d, 'no_groups', covered_groups_7d > 0, true
    from summed
    where subject_kind = 'community'
    union all
    select subject_kind, subject, 'M41', 'promo_share', '28d', promo_messages, staff_messages,
        'no_staff_messages', covered_groups > 0, exported.has_topics
    from summed
    cross join exported
    union all
    select subject_kind, subject, 'M41', 'selling_group_share', '28d', selling_groups,
        staffed_groups, 'no_staff_messages', covered_groups > 0, exported.has_topics
    from summed
    cross join exported
    where subject_kind = 'community'
),

judged as (
    select
        measures.*,
        case
            when settings.report_message_at is null then 'no_message_export'
            when not is_exported then case measure when 'on_topic_share' then 'no_subjects'
                else 'no_topics' end
            when not is_covered then 'not_covered'
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or group
    subject, -- all, or the group
    period, -- days before R of messages
    case when reason is null then cast(part as double) / cast(whole as double) end
        as value, -- numerator / denominator
    case when reason is null then cast(part as double) end as numerator, -- what is counted
    case when reason is null then cast(whole as double) end as denominator, -- of what
    reason -- why there is no value
from judged
