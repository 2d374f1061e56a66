-- One row per hour and group with a message of a member or of staff; bots and alts are left out.
-- grain: hour_at, group_id
-- partition: cast(hour_at as date)
-- reach: -1d..+1d
with

messages as (select * from core.authored_messages),

posts as (
    select
        group_id,
        date_trunc('hour', occurred_at) as hour_at,
        member_id,
        is_staff,
        is_meaningful
    from messages
    where revoked_at is null and kind <> 'system' and (is_counted or is_staff)
),

levers as (
    select group_id, date_trunc('hour', occurred_at) as hour_at, lever, event_key
    from messages
    where revoked_at is null
        and kind <> 'system'
        and (is_counted or is_staff)
        and lever is not null
        and (is_staff or role = 'kol')
    qualify row_number() over (
        partition by group_id, date_trunc('hour', occurred_at) order by occurred_at, event_key
    ) = 1
),

-- By author first: counting authors in groups of groups is cheaper than telling them apart in each.
authors as (
    select
        hour_at,
        group_id,
        member_id,
        count(*) as messages,
        count(case when is_staff then 1 end) as staff_messages,
        count(case when is_meaningful then 1 end) as meaningful
    from posts
    group by hour_at, group_id, member_id
),

hours as (
    select
        hour_at,
        group_id,
        cast(sum(messages) as bigint) as messages,
        count(case when meaningful > 0 then member_id end) as posters,
        cast(sum(staff_messages) as bigint) as staff_messages
    from authors
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
