-- One row per size of groups at R: does a size do better?
-- grain: size_bucket
-- concept: M12 = groups, participation_rate, lurker_rate, conversion_rate
-- Rates are pooled over the groups of the size that have them. Wilson 95 % intervals. That 200
-- members are best is a claim to test here, not a rule.
with

groups as (select * from group_health.groups),

snapshots as (select * from group_health.snapshots),

buckets as (
    select 1 as position, '<50' as size_bucket
    union all select 2, '50–149'
    union all select 3, '150–249'
    union all select 4, '250–399'
    union all select 5, '400+'
),

sums as (
    select
        groups.size_bucket,
        count(*) as groups,
        cast(sum(groups.members) as bigint) as members,
        cast(sum(case when groups.participation_7d is not null then groups.posters_7d end)
            as bigint) as posters,
        cast(sum(case when groups.participation_7d is not null then groups.archived_members end)
            as bigint) as archived_members,
        cast(sum(case when groups.lurker_rate is not null then snapshots.lurkers end)
            as bigint) as lurkers,
        cast(sum(case when groups.lurker_rate is not null then snapshots.settled_members end)
            as bigint) as settled_members,
        cast(sum(case when groups.conversion_30d is not null then groups.buyers_30d end)
            as bigint) as buyers,
        cast(sum(case when groups.conversion_30d is not null then groups.members end)
            as bigint) as buying_members
    from groups
    join snapshots on groups.group_id = snapshots.group_id
        and groups.week_start = snapshots.week_start
    group by groups.size_bucket
),

rates as (
    select size_bucket, 'participation' as rate, cast(posters as double) as k,
        cast(archived_members as double) as n from sums where archived_members > 0
    union all
    select size_bucket, 'lurker', cast(lurkers as double), cast(settled_members as double)
    from sums where settled_members > 0
    union all
    select size_bucket, 'conversion', cast(buyers as double), cast(buying_members as double)
    from sums where buying_members > 0
),

bounds as (
    select
        size_bucket,
        rate,
        k / n as value,
        greatest(0.0, (k + 1.920729410347062
            - 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124)) as low,
        least(1.0, (k + 1.920729410347062
            + 1.959963984540054 * sqrt(k * (n - k) / n + 0.960364705173531))
            / (n + 3.841458820694124)) as high
    from rates
),

sides as (
    select
        size_bucket,
        max(case when rate = 'participation' then value end) as participation_rate,
        max(case when rate = 'participation' then low end) as participation_low,
        max(case when rate = 'participation' then high end) as participation_high,
        max(case when rate = 'lurker' then value end) as lurker_rate,
        max(case when rate = 'lurker' then low end) as lurker_low,
        max(case when rate = 'lurker' then high end) as lurker_high,
        max(case when rate = 'conversion' then value end) as conversion_rate,
        max(case when rate = 'conversion' then low end) as conversion_low,
        max(case when rate = 'conversion' then high end) as conversion_high
    from bounds
    group by size_bucket
)

select
    buckets.size_bucket, -- members of a group: <50, 50–149, 150–249, 250–399 or 400+
    buckets.position, -- place in the order of sizes
    coalesce(sums.groups, 0) as groups, -- groups of the size
    coalesce(sums.members, 0) as members, -- their members, summed over groups
    sums.posters, -- members who posted in 7 days, of the groups with participation
    sums.archived_members, -- members of those groups who did not refuse archiving
    sides.participation_rate, -- posters / archived_members
    sides.participation_low, -- Wilson 95 %
    sides.participation_high, -- Wilson 95 %
    sums.lurkers, -- silent for 30 days, of the groups with a lurker rate
    sums.settled_members, -- in those groups for 30 days or more
    sides.lurker_rate, -- lurkers / settled_members
    sides.lurker_low, -- Wilson 95 %
    sides.lurker_high, -- Wilson 95 %
    sums.buyers, -- members who bought in 30 days, of the groups with a conversion
    sums.buying_members, -- members of those groups
    sides.conversion_rate, -- buyers / buying_members
    sides.conversion_low, -- Wilson 95 %
    sides.conversion_high, -- Wilson 95 %
    case
        when sums.groups is null then 'no_groups'
        when sides.participation_rate is null or sides.conversion_rate is null
            or sides.lurker_rate is null then 'not_covered'
    end as reason -- why a value of the row is missing
from buckets
left join sums on buckets.size_bucket = sums.size_bucket
left join sides on buckets.size_bucket = sides.size_bucket
