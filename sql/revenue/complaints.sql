-- One row per business day, group and product that somebody complained about; product_id NULL holds
-- complaints about none in particular.
-- grain: day, group_id, product_id
-- M63. Messages of counted members with topic complaint, not taken back. A burst is at least
-- complaint_burst complainers on one product in one group within 24 h up to a complaint of the day.
-- concept: M63 = complainers_24h, is_burst
with

messages as (select * from staging.messages),

roles as (select * from core.roles),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

complaints as (
    select messages.*
    from messages
    join roles on messages.member_id = roles.member_id
    where messages.topic = 'complaint'
        and messages.revoked_at is null
        and roles.is_counted
        and not roles.is_refuser
),

-- Complaints are few: each meets only those on the same product and group of the day before.
recent as (
    select
        complaints.day,
        complaints.group_id,
        complaints.product_id,
        complaints.event_key,
        count(distinct earlier.member_id) as complainers
    from complaints
    join complaints as earlier
        on complaints.group_id = earlier.group_id
        and complaints.product_id = earlier.product_id
        and earlier.occurred_at <= complaints.occurred_at
        and earlier.occurred_at > complaints.occurred_at - interval 24 hour
    group by
        complaints.day, complaints.group_id, complaints.product_id, complaints.event_key
),

worst as (
    select day, group_id, product_id, max(complainers) as complainers_24h
    from recent
    group by day, group_id, product_id
),

days as (
    select
        day,
        group_id,
        product_id,
        count(*) as complaints,
        count(distinct member_id) as complainers
    from complaints
    group by day, group_id, product_id
)

select
    days.day, -- business day
    calendar.week_start, -- first day of its week
    days.group_id, -- group
    days.product_id, -- product; NULL where none is named
    days.complaints, -- complaints of the day
    days.complainers, -- members who complained
    worst.complainers_24h, -- most members within 24 h up to a complaint of the day
    worst.complainers_24h >= settings.complaint_burst
        as is_burst -- whether they are complaint_burst or more; NULL where no product is named
from days
cross join settings
join calendar on days.day = calendar.day
left join worst
    on days.day = worst.day
    and days.group_id = worst.group_id
    and days.product_id = worst.product_id
