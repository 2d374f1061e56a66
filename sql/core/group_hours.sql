-- One row per hour and group with a message of a member or of staff; bots and alts are left out.
-- grain: hour_at, group_id
-- partition: cast(hour_at as date)
-- reach: -1d..+1d
with

messages as (select * from core.authored_messages),

posts as (
    select
        messages.*,
        date_trunc('hour', messages.occurred_at) as hour_at
    from messages
    where messages.revoked_at is null
        and messages.kind <> 'system'
        and (messages.is_counted or messages.is_staff)
),

levers as (
    select group_id, hour_at, lever, event_key
    from posts
    where lever is not null and (is_staff or role = 'kol')
    qualify row_number() over (partition by group_id, hour_at order by occurred_at, event_key) = 1
),

hours as (
    select
        hour_at,
        group_id,
        count(*) as messages,
        count(distinct case when is_meaningful then member_id end) as posters,
        count(case when is_staff then 1 end) as staff_messages
    from posts
    group by hour_at, group_id
)

select
    hours.hour_at, -- start of the hour, naive UTC
    hours.group_id, -- group
    hours.messages, -- messages of members and staff
    hours.posters, -- members with a meaningful message
    hours.staff_messages, -- messages of staff
    levers.lever, -- kind of the first lever post of staff or a KOL in that hour
    levers.event_key as lever_key -- that post
from hours
left join levers on hours.group_id = levers.group_id and hours.hour_at = levers.hour_at
