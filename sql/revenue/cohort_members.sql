-- One row per kind of cohort and person in one.
-- grain: cohort_kind, member_id
-- join: counted members by the week of their known first join. first_purchase: counted buyers by
-- the week of their first paid order of the whole history.
with

members as (select * from core.members),

calendar as (select * from core.calendar),

origins as (
    select 'join' as cohort_kind, member_id, channel, first_joined_at as started_at
    from members
    where is_counted and is_join_known
    union all
    select 'first_purchase' as cohort_kind, member_id, null as channel,
        first_purchase_at as started_at
    from members
    where is_counted and first_purchase_at is not null
)

select
    origins.cohort_kind, -- join or first_purchase
    origins.member_id, -- person
    calendar.week_start as cohort_week, -- week of the join or the first purchase
    calendar.day as started_day, -- its business day
    origins.started_at, -- its instant, naive UTC
    case when origins.cohort_kind = 'join' then coalesce(origins.channel, 'unknown') end
        as channel -- where a member came from; NULL for first purchases
from origins
join calendar
    on origins.started_at >= calendar.day_start_at and origins.started_at < calendar.day_end_at
