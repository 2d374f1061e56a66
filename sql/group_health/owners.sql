-- One row per group owner and week: how their groups do.
-- grain: owner_id, week_start
-- Sums over group_health.weekly, so that owners sum to groups; groups without an owner are of
-- 'unknown'. The owner is the current one: a change of owner is not exported. Rates are pooled over
-- the groups that have them.
with

weekly as (select * from group_health.weekly),

groups as (select * from core.groups),

responses as (select * from group_health.responses),

member_windows as (select * from group_health.member_windows),

settings as (select * from core.settings),

owned as (
    select weekly.*, coalesce(groups.owner_id, 'unknown') as owner_id
    from weekly
    join groups on weekly.group_id = groups.group_id
),

sums as (
    select
        owner_id,
        week_start,
        count(*) as groups,
        cast(sum(members) as bigint) as members,
        cast(sum(opened) as bigint) as opened,
        cast(sum(closed) as bigint) as closed,
        cast(sum(case when exit_rate is not null then left_members end) as bigint)
            as left_members,
        cast(sum(case when exit_rate is not null then members_at_start end) as bigint)
            as members_at_start,
        cast(sum(case when participation_rate is not null then posters end) as bigint) as posters,
        cast(sum(case when participation_rate is not null then archived_members end) as bigint)
            as archived_members,
        sum(net_revenue) as net_revenue,
        count(messages) as talking_groups,
        count(case when state in ('watch', 'dying', 'dead') then 1 end) as groups_on_watch,
        count(case when state = 'unknown' then 1 end) as groups_unknown
    from owned
    group by owner_id, week_start
),

people as (
    select owned.owner_id, owned.week_start, count(distinct member_windows.member_id) as members
    from owned
    join member_windows on owned.group_id = member_windows.group_id
        and owned.week_start = member_windows.week_start
    group by owned.owner_id, owned.week_start
),

-- A question of the last day before W may still be answered in its 24 hours.
answers as (
    select
        owned.owner_id,
        owned.week_start,
        count(*) as questions,
        count(case when not responses.is_answered_24h then 1 end) as unanswered,
        median(case when responses.is_daytime then responses.minutes_to_answer end)
            as median_minutes
    from owned
    join responses on owned.group_id = responses.group_id
        and owned.week_start = responses.week_start
        and responses.is_over
    where owned.messages is not null
    group by owned.owner_id, owned.week_start
)

select
    sums.owner_id, -- member of staff who owns the groups; unknown where no owner is exported
    sums.week_start, -- first day of the week
    sums.groups, -- groups at its end
    sums.members, -- their members, summed over groups
    coalesce(people.members, 0) as unique_members, -- people, each once
    sums.opened - sums.closed as net_members, -- stays that began less stays that ended
    sums.left_members, -- of members_at_start, who left or were removed
    sums.members_at_start, -- members at the start of the week, of the groups with an exit rate
    cast(sums.left_members as double) / nullif(sums.members_at_start, 0)
        as exit_rate, -- left_members / members_at_start
    sums.posters, -- members who posted, of the groups with participation
    sums.archived_members, -- members of those groups who did not refuse archiving
    cast(sums.posters as double) / nullif(sums.archived_members, 0)
        as participation_rate, -- posters / archived_members
    cast(sums.net_revenue as decimal(18, 2))
        as net_revenue, -- net revenue of the groups' orders, of the groups covered by orders
    case when sums.talking_groups > 0 then coalesce(answers.questions, 0) end
        as questions, -- questions of members in the week, 24 hours of them over
    case when sums.talking_groups > 0 then coalesce(answers.unanswered, 0) end
        as unanswered, -- of them, without an answer in 24 h
    answers.median_minutes
        as median_first_response_minutes, -- median minutes to an answer, asked 9-21 h
    cast(answers.unanswered as double) / nullif(answers.questions, 0)
        as unanswered_rate, -- unanswered / questions
    sums.groups_on_watch, -- groups that are watched, dying or dead
    sums.groups_unknown, -- groups whose state is unknown
    case
        when settings.watermark_join_at is null then 'no_join_export'
        when settings.watermark_message_at is null then 'no_message_export'
        when settings.watermark_order_at is null then 'no_order_export'
        when sums.talking_groups = 0 or sums.net_revenue is null then 'not_covered'
        when answers.questions is null then 'no_questions'
    end as reason -- why a value of the row is missing
from sums
cross join settings
left join people on sums.owner_id = people.owner_id and sums.week_start = people.week_start
left join answers on sums.owner_id = answers.owner_id and sums.week_start = answers.week_start
