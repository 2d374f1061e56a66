-- Two values of by against each other: one row per step after the first.
-- Two-sided z test of two shares of the members of step 1 (in mode open, of those with any step);
-- pooled variance. Shares are NULL where the windows of all who entered are open. Nothing is called
-- significant where one of them has fewer than 30 members. lift = other_rate / base_rate - 1.
create or replace macro explore.compare(
    steps, within, "by", base, other, mode := 'ordered', entry := 'best', from_day := null,
    to_day := null, exclude := null, mature_only := true, as_of := null, time_zone := null,
    week_starts := null, order_column := null, events := 'core.events'
) as table
with

counts as materialized (
    select *
    from explore.funnel_counts(steps, within, mode := mode, entry := entry, from_day := from_day,
        to_day := to_day, exclude := exclude, "by" := "by", mature_only := mature_only,
        as_of := as_of, time_zone := time_zone, week_starts := week_starts,
        order_column := order_column, events := events)
),

sides as (
    select
        step,
        any_value(step_name) as step_name,
        max(members) filter (where by_value = cast(base as varchar)) as base_hits,
        max(first_members) filter (where by_value = cast(base as varchar)) as base_all,
        max(members) filter (where by_value = cast(other as varchar)) as other_hits,
        max(first_members) filter (where by_value = cast(other as varchar)) as other_all
    from counts
    group by step
),

known as (
    select coalesce(array_to_string(list(distinct by_value order by by_value)[1:50], ', '), '')
        as names
    from counts
),

sizes as (
    select
        sides.*,
        case
            when base_all is null
                then error('nobody entered with ' || "by" || ' ''' || cast(base as varchar)
                    || '''; known values: ' || known.names)
            else base_all
        end as base_n,
        case
            when other_all is null
                then error('nobody entered with ' || "by" || ' ''' || cast(other as varchar)
                    || '''; known values: ' || known.names)
            else other_all
        end as other_n
    from known
    left join sides on true -- nobody at all is an error too
),

tested as (
    select
        *,
        (other_hits / nullif(other_n, 0) - base_hits / nullif(base_n, 0))
        / nullif(sqrt((base_hits + other_hits) / (base_n + other_n)
            * (1 - (base_hits + other_hits) / (base_n + other_n))
            * (1 / nullif(base_n, 0) + 1 / nullif(other_n, 0))), 0) as z
    from sizes
)

select
    step, -- number of the step
    step_name, -- event names of the step
    base_n, -- members with the base value who entered
    base_hits as base_members, -- of those, who got so far
    base_hits / nullif(base_n, 0) as base_rate, -- their share
    other_n, -- members with the other value who entered
    other_hits as other_members, -- of those, who got so far
    other_hits / nullif(other_n, 0) as other_rate, -- their share
    other_hits / nullif(other_n, 0) - base_hits / nullif(base_n, 0)
        as difference, -- other_rate - base_rate
    (other_hits / nullif(other_n, 0)) / nullif(base_hits / nullif(base_n, 0), 0) - 1
        as lift, -- relative difference
    z, -- two-sided z test; NULL where both shares are 0 or 1
    explore.two_sided_p(z) as p_value, -- chance of so large a difference between equals
    coalesce(least(base_n, other_n) >= 30 and explore.two_sided_p(z) < 0.05, false)
        as is_significant -- p < 0.05, and both have at least 30 members
from tested
where step > 1 or step is null
order by step
