-- One row per month and member in a group at its end: the closest relation ever reached by then.
-- grain: month_start, member_id
-- none, messaged, replied_to (somebody answered them), bought, repeat (a second purchase day),
-- referred (somebody they invited joined), all since the first join. Complete months as in
-- retention.transitions; the month of R's last day stands for R, as month NULL.
with

members as (select * from core.members),

notices as (select * from activation.notices),

community_stays as (select * from core.community_stays),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

months as (
    select
        calendar.month_start,
        max(calendar.day_end_at) as end_at
    from calendar
    cross join settings
    group by calendar.month_start
    having min(calendar.day) = calendar.month_start
        and bool_and(calendar.is_join_covered and calendar.is_activity_covered)
        and max(calendar.day_end_at) <= max(least(settings.watermark_join_at,
            settings.watermark_activity_at))
    union all
    select cast(null as date) as month_start, least(report_join_at, report_activity_at) as end_at
    from settings
    where report_join_at is not null and report_activity_at is not null
)

select
    months.month_start, -- first day of the month; NULL: as of R
    members.member_id, -- member
    case
        when members.first_referred_at < months.end_at then 5
        when members.second_paid_at < months.end_at then 4
        when members.first_paid_at < months.end_at then 3
        when notices.first_answered_at < months.end_at then 2
        when members.first_message_at < months.end_at then 1
        else 0
    end as tier, -- 0 to 5
    case
        when members.first_referred_at < months.end_at then 'referred'
        when members.second_paid_at < months.end_at then 'repeat'
        when members.first_paid_at < months.end_at then 'bought'
        when notices.first_answered_at < months.end_at then 'replied_to'
        when members.first_message_at < months.end_at then 'messaged'
        else 'none'
    end as tier_name -- none, messaged, replied_to, bought, repeat or referred
from months
join community_stays
    on community_stays.joined_at < months.end_at
    and (community_stays.left_at is null or community_stays.left_at >= months.end_at)
join members on community_stays.member_id = members.member_id
left join notices on members.member_id = notices.member_id
