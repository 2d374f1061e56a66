-- One row per counted member in a group at R who allows archiving: who moves others?
-- grain: member_id
-- M74. Score = mean of the percentile ranks (share of the other members who have less) of four
-- counts over the 90 days before R, the end of the last whole week of joins, messages, orders and
-- invites. A count whose export is missing is left out; without replies there is no score.
-- concept: M74 = repliers, replies, orders_attributed, descendants_90d, kol_score, reach_24h
with

repliers as (select * from group_health.repliers),

stays as (select * from core.stays),

roles as (select * from core.roles),

orders as (select * from core.orders),

ancestors as (select * from referral.ancestors),

invitations as (select * from referral.invitations),

settings as (select * from core.settings),

exported as (select * from core.exported),

sent as (select count(*) as invitations from invitations),

instants as (
    select
        least(settings.report_join_at, settings.report_message_at, settings.report_order_at,
            settings.report_invite_at) as report_at,
        exported.has_replies,
        exported.has_orders,
        settings.watermark_invite_at is not null or sent.invitations > 0 as has_invites
    from settings
    cross join exported
    cross join sent
),

people as (
    select distinct stays.member_id
    from stays
    cross join instants
    join roles on stays.member_id = roles.member_id
    where stays.joined_at < instants.report_at
        and (stays.left_at is null or stays.left_at >= instants.report_at)
        and not roles.is_refuser
),

answered as (
    select
        member_id,
        count(*) as repliers,
        sum(replies) as replies,
        count(case when replies_24h > 0 then 1 end) as reach_24h
    from repliers
    group by member_id
),

paid as (
    select orders.*
    from orders
    cross join instants
    where orders.is_paid
        and orders.paid_at < instants.report_at
        and orders.paid_at >= instants.report_at - interval 2160 hour
),

credits as (
    select leader_id as credited_id, order_id
    from paid
    where leader_id is not null and leader_id is distinct from member_id
    union
    select invitations.inviter_id as credited_id, paid.order_id
    from paid
    join invitations
        on paid.member_id = invitations.invitee_id
        and invitations.is_joined
        and paid.paid_at >= invitations.joined_at
    where paid.is_counted
),

credited as (
    select credited_id as member_id, count(*) as orders
    from credits
    group by credited_id
),

brought as (
    select ancestors.ancestor_id as member_id, count(*) as descendants
    from ancestors
    cross join instants
    where ancestors.joined_at < instants.report_at
        and ancestors.joined_at >= instants.report_at - interval 2160 hour
    group by ancestors.ancestor_id
),

counted as (
    select
        people.member_id,
        coalesce(answered.repliers, 0) as repliers,
        cast(coalesce(answered.replies, 0) as bigint) as replies,
        coalesce(answered.reach_24h, 0) as reach_24h,
        coalesce(credited.orders, 0) as orders,
        coalesce(brought.descendants, 0) as descendants
    from people
    left join answered on people.member_id = answered.member_id
    left join credited on people.member_id = credited.member_id
    left join brought on people.member_id = brought.member_id
),

ranked as (
    select
        counted.*,
        instants.has_replies,
        instants.has_orders,
        instants.has_invites,
        instants.report_at,
        count(*) over () as members,
        percent_rank() over (order by counted.repliers) as repliers_rank,
        percent_rank() over (order by counted.replies) as replies_rank,
        case when instants.has_orders
            then percent_rank() over (order by counted.orders) end as orders_rank,
        case when instants.has_invites
            then percent_rank() over (order by counted.descendants) end as descendants_rank
    from counted
    cross join instants
),

scored as (
    select
        ranked.*,
        (repliers_rank + replies_rank + coalesce(orders_rank, 0.0)
            + coalesce(descendants_rank, 0.0))
            / (2 + case when has_orders then 1 else 0 end
                + case when has_invites then 1 else 0 end) as score
    from ranked
)

select
    member_id, -- member
    report_at, -- R, naive UTC
    case when has_replies then repliers end as repliers, -- members who replied to them
    case when has_replies then replies end as replies, -- replies they got
    case when has_orders then orders end
        as orders_attributed, -- paid orders that name them as leader or of somebody they brought
    case when has_invites then descendants end
        as descendants_90d, -- members below in the invite tree who joined
    case when has_replies then reach_24h end
        as reach_24h, -- members who replied to them within 24 h
    case when has_replies then score end as kol_score, -- mean percentile rank, 0-1
    case when has_replies then row_number() over (
        order by score desc, repliers desc, replies desc, member_id
    ) end as place, -- place by score, repliers, replies, id
    members, -- members who are ranked
    case when not has_replies then 'no_replies' end as reason -- why there is no score
from scored
