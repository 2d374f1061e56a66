-- One row per post that sets out to stir a group: the one pass over the messages that levers,
-- pushes and content metrics read.
-- grain: group_id, event_key
-- Posts of staff that carry a lever, a tag or the topic promo or content; all messages of KOLs;
-- testimonials of anybody who counts. What was taken back and system lines are left out.
with

messages as (select * from core.messages)

select
    group_id, -- group
    event_key, -- what tells the row apart
    occurred_at, -- when, naive UTC
    date_trunc('hour', occurred_at) as hour_at, -- its hour, naive UTC
    day, -- business day
    member_id, -- author
    case when is_staff then 'staff' when role = 'kol' then 'kol' else 'member' end
        as author_role, -- staff, kol or member
    kind, -- what was posted
    lever, -- the lever it carries, first that fits; NULL for none
    topic, -- what it is for
    tag, -- what it offers
    product_id, -- product
    campaign_id, -- campaign
    amount, -- amount of a red packet
    claimed_by, -- who took it
    is_meaningful -- whether it counts as activity of its author
from messages
where revoked_at is null
    and kind <> 'system'
    and (
        (is_staff and (lever is not null or tag is not null or topic in ('promo', 'content')))
        or role = 'kol'
        or (is_counted and topic = 'testimonial')
    )
