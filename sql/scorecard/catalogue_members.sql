-- One row per measure of who the members are: regions, types of group, several groups.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M10 = region_match_rate
-- concept: M13 = members_in_type, overlap_share, seats_per_member
-- Members in a group at R of joins.
with

stays as (select * from core.stays),

groups as (select * from core.groups),

members as (select * from core.members),

settings as (select * from core.settings),

exported as (select * from core.exported),

seats as (
    select
        stays.group_id,
        stays.member_id,
        coalesce(groups.group_type, 'unknown') as group_type,
        groups.region is not null and members.region is not null as is_known,
        groups.region = members.region as is_match
    from stays
    cross join settings
    join groups on stays.group_id = groups.group_id
    join members on stays.member_id = members.member_id
    where stays.joined_at < settings.report_join_at
        and (stays.left_at is null or stays.left_at >= settings.report_join_at)
),

people as (
    select
        member_id,
        count(*) as seats,
        bool_or(is_known) as is_known,
        coalesce(bool_or(is_match), false) as is_match
    from seats
    group by member_id
),

types as (
    select group_type, count(distinct member_id) as members
    from seats
    group by group_type
),

totals as (
    select
        count(*) as members,
        sum(seats) as seats,
        count(case when seats >= 2 then 1 end) as overlapping
    from people
),

measures as (
    select 'M10' as concept_id, 'region_match_rate' as measure, 'community' as subject_kind,
        'all' as subject, cast(count(case when is_match then 1 end) as double) as part,
        cast(count(*) as double) as whole
    from people
    where is_known
    union all
    select 'M10', 'region_match_rate', 'group', group_id,
        cast(count(case when is_match then 1 end) as double), cast(count(*) as double)
    from seats
    where is_known
    group by group_id
    union all
    select 'M13', 'members_in_type', 'group_type', coalesce(types.group_type, 'all'),
        cast(coalesce(types.members, 0) as double), cast(totals.members as double)
    from totals
    left join types on true
    union all
    select 'M13', 'overlap_share', 'community', 'all', cast(overlapping as double),
        cast(members as double)
    from totals
    union all
    select 'M13', 'seats_per_member', 'community', 'all', cast(seats as double),
        cast(members as double)
    from totals
),

judged as (
    select
        measures.*,
        case
            when settings.report_join_at is null then 'no_join_export'
            when measures.concept_id = 'M10' and (not exported.has_group_regions
                or measures.whole = 0) then 'no_regions'
            when coalesce(measures.whole, 0) = 0 then 'no_members'
        end as reason
    from measures
    cross join settings
    cross join exported
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, group or group_type
    subject, -- all, or the group or type
    'at_report' as period, -- at R of joins
    case
        when reason is not null then null
        when measure = 'members_in_type' then part
        else part / whole
    end as value, -- numerator / denominator; members_in_type: the members
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null and measure <> 'members_in_type' then whole end
        as denominator, -- of how many; NULL for a count
    reason -- why there is no value
from judged
