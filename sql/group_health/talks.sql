-- One row per group open at R of messages: what was said in it in the 28 days before.
-- grain: group_id
-- Sums are NULL where a day of the window of the group was not exported. R is report_message_at.
with

groups as (select * from core.groups),

settings as (select * from core.settings),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

talk_days as (select * from group_health.talk_days),

days as (
    select
        calendar.day,
        settings.report_message_at <= calendar.day_start_at + interval 180 hour as is_7d
    from calendar
    cross join settings
    where calendar.day_end_at <= settings.report_message_at
        and calendar.day_start_at >= settings.report_message_at - interval 684 hour
),

covered as (
    select
        coverage.group_id,
        count(case when coverage.is_covered then 1 end) as days_28,
        count(case when coverage.is_covered and days.is_7d then 1 end) as days_7
    from coverage
    join days on coverage.day = days.day
    where coverage.event_kind = 'message'
    group by coverage.group_id
),

sums as (
    select
        talk_days.group_id,
        sum(messages) as messages,
        sum(member_messages) as member_messages,
        sum(member_topic_messages) as member_topic_messages,
        sum(ad_messages) as ad_messages,
        sum(subject_messages) as subject_messages,
        sum(on_topic_messages) as on_topic_messages,
        sum(staff_messages) as staff_messages,
        sum(promo_messages) as promo_messages,
        sum(alt_messages) as alt_messages,
        count(case when days.is_7d and staff_messages > 0 then 1 end) as staff_days_7d
    from talk_days
    join days on talk_days.day = days.day
    group by talk_days.group_id
),

judged as (
    select
        groups.group_id,
        groups.topic,
        coalesce(covered.days_28, 0) = 28 as is_covered,
        coalesce(covered.days_7, 0) = 7 as is_covered_7d
    from groups
    cross join settings
    left join covered on groups.group_id = covered.group_id
    where settings.report_message_at is not null
        and (groups.closed_at is null or groups.closed_at >= settings.report_message_at)
        and (groups.created_at is null or groups.created_at < settings.report_message_at)
)

select
    judged.group_id, -- group
    judged.is_covered, -- whether all messages of 28 days were exported
    judged.is_covered_7d, -- whether those of 7 days were
    judged.topic, -- its subject
    case when is_covered then cast(coalesce(messages, 0) as bigint) end
        as messages, -- messages of members and staff, 28 days
    case when is_covered then cast(coalesce(member_messages, 0) as bigint) end
        as member_messages, -- of members
    case when is_covered then cast(coalesce(member_topic_messages, 0) as bigint) end
        as member_topic_messages, -- of those, with a topic
    case when is_covered then cast(coalesce(ad_messages, 0) as bigint) end
        as ad_messages, -- of those, advertisements
    case when is_covered then cast(coalesce(subject_messages, 0) as bigint) end
        as subject_messages, -- of members, with a subject
    case when is_covered then cast(coalesce(on_topic_messages, 0) as bigint) end
        as on_topic_messages, -- of those, on the subject of the group
    case when is_covered then cast(coalesce(staff_messages, 0) as bigint) end
        as staff_messages, -- of staff
    case when is_covered then cast(coalesce(promo_messages, 0) as bigint) end
        as promo_messages, -- of those, promotion
    case when is_covered then cast(coalesce(alt_messages, 0) as bigint) end
        as alt_messages, -- of alts
    case when is_covered_7d then coalesce(staff_days_7d, 0) end
        as staff_days_7d -- of the 7 days, those with a message of staff
from judged
left join sums on judged.group_id = sums.group_id
