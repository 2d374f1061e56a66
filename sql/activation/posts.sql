-- One row per post that sets out to stir a group: the one pass over the messages that levers,
-- pushes and content metrics read.
-- grain: group_id, event_key
-- Posts of staff that carry a lever, a tag or the topic promo or content; all messages of KOLs;
-- testimonials of anybody who counts. What was taken back and system lines are left out.
with

messages as (select * from core.authored_messages),

stays as (select * from core.stays),

posts as (
    select *
    from messages
    where revoked_at is null
        and kind <> 'system'
        and (
            (is_staff and (lever is not null or tag is not null or topic in ('promo', 'content')))
            or role = 'kol'
            or (is_counted and topic = 'testimonial')
        )
),

-- Who was in the group at the moment of a post: joined at or before it and not left. A row per
-- moment, not per post.
line as (
    select group_id, joined_at as moment_at, 0 as place, 1 as step
    from stays
    union all
    select group_id, left_at, 0, -1
    from stays
    where left_at is not null
    union all
    select distinct group_id, occurred_at, 1, 0
    from posts
),

sizes as (
    select
        line.*,
        sum(step) over (
            partition by group_id order by moment_at, place, step
            rows between unbounded preceding and current row
        ) as members
    from line
)

select
    posts.group_id, -- group
    posts.event_key, -- what tells the row apart
    posts.occurred_at, -- when, naive UTC
    date_trunc('hour', posts.occurred_at) as hour_at, -- its hour, naive UTC
    posts.day, -- business day
    posts.member_id, -- author
    case when posts.is_staff then 'staff' when posts.role = 'kol' then 'kol' else 'member' end
        as author_role, -- staff, kol or member
    posts.kind, -- what was posted
    posts.lever, -- the lever it carries, first that fits; NULL for none
    posts.topic, -- what it is for
    posts.tag, -- what it offers
    posts.product_id, -- product
    posts.campaign_id, -- campaign
    posts.amount, -- amount of a red packet
    posts.claimed_by, -- who took it
    posts.is_meaningful, -- whether it counts as activity of its author
    cast(sizes.members as bigint) as members -- members in the group at that moment
from posts
join sizes on posts.group_id = sizes.group_id and posts.occurred_at = sizes.moment_at
where sizes.place = 1
