-- One row per lever, role of the author and type of group: how many more members post after it.
-- grain: lever, author_role, group_type
-- concept: M25 = lift, lift_low, lift_high
-- concept: M28 = lift, actual, expected
-- concept: M29 = lift, author_role
-- concept: M32 = lift, posts
-- lift = sum of actual / sum of expected over all posts of activation.lever_posts. Interval: 1.96
-- standard errors of the jackknife that leaves one group out at a time.
with

posts as (select * from activation.lever_posts),

settings as (select * from core.settings),

marks as (
    select
        group_id,
        actual,
        expected,
        unnest([lever, 'all']) as lever,
        author_role,
        group_type
    from posts
),

roles as (
    select
        group_id,
        actual,
        expected,
        lever,
        unnest([author_role, 'all']) as author_role,
        group_type
    from marks
),

types as (
    select
        group_id,
        actual,
        expected,
        lever,
        author_role,
        unnest([group_type, 'all']) as group_type
    from roles
),

groups as (
    select
        lever,
        author_role,
        group_type,
        group_id,
        count(*) as posts,
        sum(actual) as actual,
        sum(expected) as expected
    from types
    group by lever, author_role, group_type, group_id
),

sums as (
    select
        groups.*,
        sum(posts) over one_lever as all_posts,
        count(*) over one_lever as all_groups,
        sum(actual) over one_lever as all_actual,
        sum(expected) over one_lever as all_expected
    from groups
    window one_lever as (partition by lever, author_role, group_type)
),

-- The lift without each group in turn; in decimals, so that sums do not depend on their order.
without_one as (
    select
        sums.*,
        cast(
            cast(all_actual - actual as double)
                / nullif(cast(all_expected - expected as double), 0) as decimal(30, 15)
        ) as lift_without
    from sums
),

means as (
    select
        without_one.*,
        cast(sum(lift_without) over (partition by lever, author_role, group_type) as double)
            / all_groups as mean_without
    from without_one
),

judged as (
    select
        lever,
        author_role,
        group_type,
        max(all_posts) as posts,
        max(all_groups) as groups,
        max(all_actual) as actual,
        cast(max(all_expected) as double) as expected,
        cast(max(all_actual) as double) / nullif(cast(max(all_expected) as double), 0) as lift,
        case when count(*) > 1 and count(lift_without) = count(*)
            then sqrt(
                (count(*) - 1.0) / count(*) * cast(sum(cast(
                    (cast(lift_without as double) - mean_without)
                        * (cast(lift_without as double) - mean_without) as decimal(30, 15)
                )) as double)
            ) end as standard_error
    from means
    group by lever, author_role, group_type
)

select
    judged.lever, -- what was posted, or all of them
    judged.author_role, -- staff, kol or all
    judged.group_type, -- type of the groups, or all of them
    cast(judged.posts as bigint) as posts, -- posts measured
    cast(judged.groups as bigint) as groups, -- groups they were in
    cast(judged.actual as bigint)
        as actual, -- members who posted in the hour of a post and the next, added up
    judged.expected, -- members expected in these hours, added up
    judged.lift, -- actual / expected; 1 is no effect
    case when judged.standard_error is not null
        then greatest(judged.lift - 1.96 * judged.standard_error, 0.0) end
        as lift_low, -- 95 % interval by leaving out one group at a time; NULL for one group
    judged.lift + 1.96 * judged.standard_error as lift_high, -- its upper end
    judged.lift is not null
        and judged.posts >= settings.lever_min_posts
        and judged.groups >= settings.lever_min_groups
            as is_reliable, -- whether groups and posts are enough for a statement
    case when judged.lift is null then 'nobody_expected' end as reason -- why there is no lift
from judged
cross join settings
