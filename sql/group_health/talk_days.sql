-- One row per business day and group with a message: what kind of talk it was.
-- grain: day, group_id
-- partition: day
-- reach: 0d..0d
-- Without system lines, what was taken back and refusers of archiving. Topics and subjects count
-- only where they were exported.
with

messages as (select * from staging.messages),

roles as (select * from core.roles),

groups as (select * from staging.groups),

posts as (
    select
        messages.day,
        messages.group_id,
        messages.kind,
        messages.topic,
        messages.subject,
        messages.campaign_id,
        lower(trim(messages.subject)) = lower(trim(groups.topic)) as is_on_topic,
        roles.role,
        roles.is_counted,
        roles.is_staff
    from messages
    join roles on messages.member_id = roles.member_id
    left join groups on messages.group_id = groups.group_id
    where messages.revoked_at is null and messages.kind <> 'system' and not roles.is_refuser
)

select
    day, -- business day
    group_id, -- group
    count(case when is_counted or is_staff then 1 end)
        as messages, -- messages of members and staff
    count(case when is_counted then 1 end) as member_messages, -- of members
    count(case when is_counted and topic is not null then 1 end)
        as member_topic_messages, -- of those, with a topic
    count(case when is_counted and topic = 'ad' then 1 end)
        as ad_messages, -- of those, advertisements
    count(case when is_counted and subject is not null then 1 end)
        as subject_messages, -- of members, with a subject
    count(case when is_counted and is_on_topic then 1 end)
        as on_topic_messages, -- of those, on the subject of the group
    count(case when is_staff then 1 end) as staff_messages, -- of staff
    count(case when is_staff and topic = 'promo' then 1 end)
        as promo_messages, -- of those, promotion
    count(case when topic = 'content' and (is_staff or role = 'kol') then 1 end)
        as content_posts, -- content of staff or KOLs
    count(case when is_staff and kind = 'checkin' then 1 end)
        as checkin_posts, -- calls of staff to check in
    count(case when (is_counted or is_staff) and campaign_id is not null then 1 end)
        as campaign_messages, -- messages of members and staff that belong to a campaign
    count(case when role = 'alt' then 1 end) as alt_messages -- of alts, who are no members
from posts
group by day, group_id
