-- One row per feature of the exports that can reach a part only: the part it reaches.
-- grain: feature
-- Groups that stand at the end of the kind's last complete week and are covered on all its days /
-- such groups; members at R whose join is known, and of those who have a channel or scene; paid
-- orders with a known buyer, with a group; paid amounts of known cost; invites from sources that
-- record failures.
with

groups as (select * from staging.groups),

coverage as (select * from core.coverage),

calendar as (select * from core.calendar),

settings as (select * from core.settings),

stays as (select * from core.stays),

members as (select * from core.members),

orders as (select * from core.orders),

order_lines as (select * from core.order_lines),

invites as (select * from core.invites),

instants as (
    select 'join' as event_kind, report_join_at as report_at from settings
    union all
    select 'message', report_message_at from settings
),

covered_days as (
    select instants.event_kind, groups.group_id,
        count(case when coverage.is_covered then 1 end) as days
    from instants
    join calendar on calendar.day_end_at <= instants.report_at
        and calendar.day_start_at >= instants.report_at - interval 170 hour
    cross join groups
    left join coverage on calendar.day = coverage.day
        and instants.event_kind = coverage.event_kind
        and groups.group_id = coverage.group_id
    where groups.closed_at is null or groups.closed_at >= instants.report_at
    group by instants.event_kind, groups.group_id
),

present as (
    select stays.member_id
    from stays
    cross join settings
    where stays.joined_at < settings.report_at
        and (stays.left_at is null or stays.left_at >= settings.report_at)
    group by stays.member_id
),

people as (
    select
        count(*) as all_members,
        count(case when members.is_join_known then 1 end) as known_joins,
        count(case when members.is_join_known and members.channel is not null then 1 end)
            as with_channel,
        count(case when members.is_join_known and members.scene is not null then 1 end)
            as with_scene
    from present
    join members on present.member_id = members.member_id
),

payments as (
    select
        count(*) as all_orders,
        count(member_id) as with_buyer,
        count(group_id) as with_group
    from orders
    where is_paid
),

amounts as (
    select
        sum(case when not is_refund then amount else 0 end) as gmv,
        sum(case when not is_refund and cost is not null then amount else 0 end) as costed_gmv
    from order_lines
    where is_revenue
),

sendings as (
    select count(*) as all_invites, count(case when not accepted_only then 1 end) as with_failures
    from invites
),

parts as (
    select case when event_kind = 'join' then 'joins' else 'messages' end as feature,
        'groups' as unit, count(case when days = 7 then 1 end) as part, count(*) as whole
    from covered_days
    group by event_kind
    union all
    select 'known_joins', 'members', known_joins, all_members from people
    union all
    select 'channels', 'members', with_channel, known_joins from people
    union all
    select 'scenes', 'members', with_scene, known_joins from people
    union all
    select 'buyers', 'orders', with_buyer, all_orders from payments
    union all
    select 'order_groups', 'orders', with_group, all_orders from payments
    union all
    select 'costs', 'orders', costed_gmv, gmv from amounts
    union all
    select 'failed_invites', 'invites', with_failures, all_invites from sendings
)

select
    feature, -- what is exported
    unit, -- of what the share is: groups, members, orders or invites
    cast(part as double) as part, -- how many it reaches; of costs, the amount
    cast(whole as double) as whole, -- of how many
    cast(part as double) / nullif(cast(whole as double), 0) as share_covered -- part / whole
from parts
