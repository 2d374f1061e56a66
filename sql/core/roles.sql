-- One row per person anybody exported: who counts as a member.
-- grain: member_id
-- grows: rows
-- The members export says it first; then ownership of a group; then the latest role seen on a join,
-- message or member list; else member. Only member and kol are counted.
with

members as (select * from staging.members),

groups as (select * from staging.groups),

joins as (select * from staging.joins),

messages as (select * from staging.messages),

lists as (select * from staging.member_lists),

orders as (select * from staging.orders),

invites as (select * from staging.invites),

seen_roles as (
    select member_id, role, max(occurred_at) as last_at from joins group by member_id, role
    union all
    select member_id, role, max(occurred_at) as last_at from messages group by member_id, role
    union all
    select member_id, role, max(taken_at) as last_at from lists group by member_id, role
),

latest as (
    select member_id, role
    from seen_roles
    where role is not null
    qualify row_number() over (partition by member_id order by last_at desc, role) = 1
),

owners as (select distinct owner_id as member_id from groups where owner_id is not null),

people as (
    select member_id from members
    union
    select member_id from seen_roles
    union
    select member_id from owners
    union
    select inviter_id from joins where inviter_id is not null
    union
    select member_id from orders where member_id is not null
    union
    select inviter_id from invites
    union
    select invitee_id from invites where invitee_id is not null
),

roles as (
    select
        people.member_id,
        coalesce(
            members.role,
            case when owners.member_id is not null then 'owner' end,
            latest.role,
            'member'
        ) as role,
        members.archive_consent
    from people
    left join members on people.member_id = members.member_id
    left join owners on people.member_id = owners.member_id
    left join latest on people.member_id = latest.member_id
)

select
    member_id, -- person
    role, -- member, kol, staff, owner, admin, bot or alt
    role in ('member', 'kol') as is_counted, -- whether the person counts as a member
    role in ('staff', 'owner', 'admin') as is_staff, -- whether the person is staff
    coalesce(not archive_consent, false)
        as is_refuser -- whether the person refused message archiving
from roles
