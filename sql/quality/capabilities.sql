-- One row per metric or table: can it be seen with what is exported, and what would it take?
-- grain: metric
-- missing: a feature it needs is in no export. partial: one of them reaches a part of the groups,
-- members, orders or invites only (share_covered is the smallest), or has a limit. Else full.
with

metrics as (select * from quality.metric_needs),

features as (select * from quality.features),

needs as (
    select metric, 1 as place, feature_1 as feature from metrics
    union all
    select metric, 2, feature_2 from metrics
    union all
    select metric, 3, feature_3 from metrics
),

judged as (
    select
        needs.metric,
        needs.place,
        needs.feature,
        features.is_exported,
        features.is_limited or coalesce(features.share_covered < 1, false) as is_partial,
        features.share_covered,
        features.unit,
        features.needs_en,
        features.needs_zh,
        row_number() over (
            partition by needs.metric
            order by coalesce(features.share_covered, 2.0), needs.place
        ) as share_place
    from needs
    join features on needs.feature = features.feature
),

rated as (
    select
        metric,
        case
            when not bool_and(is_exported) then 'missing'
            when bool_or(is_partial) then 'partial'
            else 'full'
        end as status,
        min(share_covered) as share_covered,
        max(case when share_place = 1 and share_covered is not null then unit end) as share_of
    from judged
    group by metric
),

-- What is missing is asked for first; what is partial only where nothing is missing.
asked as (
    select
        judged.metric,
        judged.place,
        judged.needs_en,
        judged.needs_zh
    from judged
    join rated on judged.metric = rated.metric
    where (rated.status = 'missing' and not judged.is_exported)
        or (rated.status = 'partial' and judged.is_partial)
),

wishes as (
    select
        metric,
        concat_ws('; ', max(case when place = 1 then needs_en end),
            max(case when place = 2 then needs_en end),
            max(case when place = 3 then needs_en end)) as needs_en,
        concat_ws('；', max(case when place = 1 then needs_zh end),
            max(case when place = 2 then needs_zh end),
            max(case when place = 3 then needs_zh end)) as needs_zh
    from asked
    group by metric
)

select
    metrics.metric, -- key of scorecard.weekly, schema.table or schema.table.column
    metrics.position, -- place in the list
    metrics.page, -- page of the report that shows it
    rated.status, -- full, partial or missing
    case when rated.status <> 'missing' then coalesce(rated.share_covered, 1.0) end
        as share_covered, -- part of the groups, members, orders or invites it reaches
    case when rated.status <> 'missing' then rated.share_of end
        as share_of, -- groups, members, orders or invites; NULL where nothing is counted
    wishes.needs_en as needs, -- what to export to get all of it
    wishes.needs_zh -- the same in Chinese
from metrics
join rated on metrics.metric = rated.metric
left join wishes on metrics.metric = wishes.metric
