-- One row per pair of places where people are seen: the chat or the shop of a source.
-- grain: source, place, other_source, other_place
-- Ids that no alias joins are two people. Who is seen in one place only may be somebody of the
-- other place under another id: at most as many people are counted twice as the smaller of both.
-- Chat = joins, messages, invites (both sides), member lists; shop = orders with a buyer.
with

joins as (select * from staging.joins),

messages as (select * from staging.messages),

orders as (select * from staging.orders),

invites as (select * from staging.invites),

member_lists as (select * from staging.member_lists),

sightings as (
    select source, 'chat' as place, member_id from joins
    union all
    select source, 'chat', member_id from messages
    union all
    select source, 'chat', inviter_id from invites
    union all
    select source, 'chat', invitee_id from invites
    union all
    select source, 'chat', member_id from member_lists
    union all
    select source, 'shop', member_id from orders
),

people as (
    select source, place, member_id
    from sightings
    where member_id is not null
    group by source, place, member_id
),

places as (
    select source, place, count(*) as people from people group by source, place
),

shared as (
    select
        people.source,
        people.place,
        others.source as other_source,
        others.place as other_place,
        count(*) as in_both
    from people
    join people as others on people.member_id = others.member_id
    where people.source < others.source
        or people.source = others.source and people.place < others.place
    group by people.source, people.place, others.source, others.place
),

pairs as (
    select
        places.source,
        places.place,
        others.source as other_source,
        others.place as other_place,
        places.people,
        others.people as other_people,
        coalesce(shared.in_both, 0) as in_both
    from places
    join places as others
        on places.source < others.source
        or places.source = others.source and places.place < others.place
    left join shared
        on places.source = shared.source
        and places.place = shared.place
        and others.source = shared.other_source
        and others.place = shared.other_place
)

select
    source, -- source of the first place
    place, -- chat or shop
    other_source, -- source of the second place
    other_place, -- chat or shop
    people, -- people seen in the first place, staff among them
    other_people, -- people seen in the second
    in_both, -- people seen in both, by the same id or by an alias
    people - in_both as only_people, -- people seen in the first place and not in the second
    other_people - in_both as only_other_people, -- people seen in the second and not in the first
    least(people, other_people) - in_both
        as duplicates_at_most -- people who may be counted twice, at most: nobody knows better
from pairs
