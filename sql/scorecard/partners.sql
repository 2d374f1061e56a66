-- One row per channel of a partner: who came by it, and what they did.
-- grain: channel
-- Cohorts of complete weeks added up; members in a group at R, and what they did before R.
with

members as (select * from core.members),

community_stays as (select * from core.community_stays),

channels as (select * from acquisition.channels),

windows as (select * from core.report_windows),

member_days as (select * from core.member_days),

orders as (select * from core.orders),

cohorts as (
    select
        channel,
        sum(case when is_complete then new_members end) as new_members,
        sum(early_exit_members) as early_exit_members,
        sum(case when early_exit_members is not null then new_members end) as exit_base,
        sum(buyers) as buyers,
        sum(case when buyers is not null then new_members end) as buyer_base
    from channels
    where channel like 'partner:%'
    group by channel
),

present as (
    select
        members.channel,
        windows.kind,
        windows.first_day,
        windows.last_day,
        members.member_id,
        coalesce(members.archive_consent, true) as is_archived
    from windows
    join community_stays
        on community_stays.joined_at < windows.report_at
        and (community_stays.left_at is null or community_stays.left_at >= windows.report_at)
    join members on community_stays.member_id = members.member_id
    where windows.is_covered
        and members.channel like 'partner:%'
        and ((windows.kind = 'message' and windows.days = 7)
            or (windows.kind = 'order' and windows.days = 30))
),

posted as (
    select distinct present.member_id
    from present
    join member_days
        on present.member_id = member_days.member_id
        and member_days.day >= present.first_day
        and member_days.day <= present.last_day
        and member_days.is_posting_active
    where present.kind = 'message'
),

bought as (
    select distinct present.member_id
    from present
    join orders
        on present.member_id = orders.member_id
        and orders.is_paid
        and orders.paid_day >= present.first_day
        and orders.paid_day <= present.last_day
    where present.kind = 'order'
),

now as (
    select
        present.channel,
        count(case when present.kind = 'message' and present.is_archived then 1 end) as archived,
        count(case when present.kind = 'message' and present.is_archived then posted.member_id end)
            as posters,
        count(case when present.kind = 'order' then 1 end) as members,
        count(case when present.kind = 'order' then bought.member_id end) as buyers
    from present
    left join posted on present.member_id = posted.member_id
    left join bought on present.member_id = bought.member_id
    group by present.channel
)

select
    cohorts.channel, -- channel beginning with partner:
    cast(cohorts.new_members as bigint) as new_members, -- first joins in complete weeks
    cast(cohorts.early_exit_members as bigint)
        as early_exit_members, -- of exit_base, left or removed within 168 h
    cast(cohorts.exit_base as bigint) as exit_base, -- new members of the weeks that tell it
    cast(cohorts.buyers as bigint) as buyers, -- of buyer_base, with an order within 30 d
    cast(cohorts.buyer_base as bigint) as buyer_base, -- new members of the weeks that tell it
    coalesce(now.posters, 0) as posters_7d, -- members at R who posted in 7 d
    coalesce(now.archived, 0) as archived_members, -- members at R who did not refuse archiving
    coalesce(now.buyers, 0) as buyers_30d, -- members at R who bought in 30 d
    coalesce(now.members, 0) as members -- members in a group at R of orders
from cohorts
left join now on cohorts.channel = now.channel
