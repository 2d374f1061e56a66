-- One row per type of campaign, group and wave: how many of its members took part.
-- grain: campaign_type, group_id, wave_number
-- concept: M84 = participants, members, participation_rate, exits_24h, exit_24h_rate
-- Waves that are over by the report only. members = counted members of the group when the wave
-- started in it; participants = those of them with an act there. group_id NULL: the sum of the
-- groups. Exits = leaves and kicks within 24 h after the start, where the joins of these hours were
-- exported for the group. A wave without an end and without a next one is not over.
with

acts as (select * from revenue.campaign_acts),

waves as (select * from revenue.campaign_waves),

stays as (select * from core.stays),

calendar as (select * from core.calendar),

coverage as (select * from core.coverage),

settings as (select * from core.settings),

exported as (select * from core.exported),

list_gaps as (select * from core.list_gaps),

widest as (select max(hours) as hours from list_gaps),

runs as (
    select
        waves.campaign_type,
        acts.group_id,
        waves.wave_number,
        min(waves.starts_at) as starts_at
    from acts
    join waves on acts.campaign_id = waves.campaign_id and acts.wave_number = waves.wave_number
    cross join settings
    where acts.group_id is not null
        and acts.is_done
        and waves.starts_at is not null
        and waves.over_at <= settings.report_at
    group by waves.campaign_type, acts.group_id, waves.wave_number
),

-- Whether the joins of the 24 hours after the start were exported for the group.
known_runs as (
    select
        runs.campaign_type,
        runs.group_id,
        runs.wave_number,
        bool_and(coverage.is_covered) as is_covered
    from runs
    join calendar
        on calendar.day_end_at > runs.starts_at
        and calendar.day_start_at < runs.starts_at + interval 24 hour
    join coverage
        on calendar.day = coverage.day
        and coverage.event_kind = 'join'
        and runs.group_id = coverage.group_id
    group by runs.campaign_type, runs.group_id, runs.wave_number
),

takers as (
    select waves.campaign_type, acts.group_id, waves.wave_number, acts.member_id
    from acts
    join waves on acts.campaign_id = waves.campaign_id and acts.wave_number = waves.wave_number
    where acts.is_participation
    group by waves.campaign_type, acts.group_id, waves.wave_number, acts.member_id
),

gap_groups as (select group_id, max(hours) as hours from list_gaps group by group_id),

seats as (
    select
        runs.campaign_type,
        runs.group_id,
        runs.wave_number,
        case when takers.member_id is not null then 1 end as took_part,
        case
            when runs.starts_at + interval 24 hour > settings.watermark_join_at
                or not exported.has_exits
                or not known_runs.is_covered
                or gap_groups.hours >= 24 then null
            when stays.exit_kind in ('leave', 'kick')
                and stays.left_at < runs.starts_at + interval 24 hour then 1
            else 0
        end as has_left
    from runs
    join stays
        on runs.group_id = stays.group_id
        and stays.joined_at <= runs.starts_at
        and (stays.left_at is null or stays.left_at > runs.starts_at)
    cross join settings
    cross join exported
    left join known_runs
        on runs.campaign_type = known_runs.campaign_type
        and runs.group_id = known_runs.group_id
        and runs.wave_number = known_runs.wave_number
    left join gap_groups on runs.group_id = gap_groups.group_id
    left join takers
        on runs.campaign_type = takers.campaign_type
        and runs.group_id = takers.group_id
        and runs.wave_number = takers.wave_number
        and stays.member_id = takers.member_id
),

counted as (
    select
        campaign_type,
        group_id,
        wave_number,
        count(*) as members,
        count(took_part) as participants,
        cast(sum(has_left) as bigint) as exits_24h,
        count(has_left) as followed
    from seats
    group by campaign_type, group_id, wave_number
),

scoped as (
    select
        runs.campaign_type,
        runs.group_id,
        runs.wave_number,
        runs.starts_at,
        coalesce(counted.members, 0) as members,
        coalesce(counted.participants, 0) as participants,
        counted.exits_24h,
        coalesce(counted.followed, 0) as followed
    from runs
    left join counted on runs.campaign_type = counted.campaign_type
        and runs.group_id = counted.group_id
        and runs.wave_number = counted.wave_number
),

widened as (
    select campaign_type, group_id, wave_number, starts_at, 1 as groups, members, participants,
        exits_24h, followed
    from scoped
    union all
    select
        campaign_type,
        cast(null as varchar) as group_id,
        wave_number,
        min(starts_at) as starts_at,
        count(*) as groups,
        sum(members) as members,
        sum(participants) as participants,
        sum(exits_24h) as exits_24h,
        sum(followed) as followed
    from scoped
    group by campaign_type, wave_number
)

select
    widened.campaign_type, -- kind of campaign
    widened.group_id, -- group; NULL for all groups added up
    widened.wave_number, -- which repetition
    widened.starts_at, -- start in the group; of all, the earliest, naive UTC
    cast(widened.groups as bigint) as groups, -- groups it ran in
    cast(widened.participants as bigint) as participants, -- members at the start with an act
    cast(widened.members as bigint) as members, -- counted members at the start; of all, seats
    cast(widened.participants as double) / nullif(widened.members, 0)
        as participation_rate, -- participants / members
    cast(widened.exits_24h as bigint) as exits_24h, -- members who left or were removed within 24 h
    cast(widened.followed as bigint)
        as followed_members, -- members of groups whose joins of these 24 h were exported
    cast(widened.exits_24h as double) / nullif(widened.followed, 0)
        as exit_24h_rate, -- exits_24h / followed_members
    case
        when widened.members = 0 and settings.watermark_join_at is null then 'no_join_export'
        when widened.members = 0 then 'no_members'
        when settings.watermark_join_at is null then 'no_join_export'
        when not exported.has_exits then 'exits_not_exported'
        when widened.exits_24h is null and widest.hours >= 24 then 'lists_too_far_apart'
        when widened.exits_24h is null
            and widened.starts_at + interval 24 hour > settings.watermark_join_at then 'not_mature'
        when widened.exits_24h is null then 'not_covered'
    end as reason -- why a value of the row is missing
from widened
cross join settings
cross join widest
cross join exported
