-- One row per measure of content: how often, of which kind, and what it stirs.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M40 = content_posts_per_week, content_week_share
-- concept: M98 = tag_share, tag_lift
with

content_weeks as (select * from group_health.content_weeks),

posts as (select * from activation.posts),

talks as (select * from group_health.talks),

lever_posts as (select * from activation.lever_posts),

settings as (select * from core.settings),

exported as (select * from core.exported),

tags as (select unnest(['useful', 'fun', 'feeling', 'benefit']) as tag),

scopes as (
    select 'group' as subject_kind, group_id as subject, content_posts
    from content_weeks
    union all
    select 'community', 'all', content_weeks.content_posts
    from settings
    left join content_weeks on true
),

weeks as (
    select
        subject_kind,
        subject,
        sum(content_posts) as posts,
        count(case when content_posts > 0 then 1 end) as content_weeks,
        count(content_posts) as weeks
    from scopes
    group by subject_kind, subject
),

tagged as (
    select posts.tag, count(*) as posts
    from posts
    join talks on posts.group_id = talks.group_id
    cross join settings
    where talks.is_covered
        and posts.author_role = 'staff'
        and posts.tag is not null
        and posts.occurred_at >= settings.report_message_at - interval 672 hour
        and posts.occurred_at < settings.report_message_at
    group by posts.tag
),

all_tagged as (select coalesce(sum(posts), 0) as posts from tagged),

lifts as (
    select tag, sum(actual) as actual, sum(expected) as expected
    from lever_posts
    where author_role = 'staff' and tag is not null
    group by tag
),

measures as (
    select 'M40' as concept_id, 'content_posts_per_week' as measure, subject_kind, subject,
        '56d' as period, cast(posts as double) as part, cast(weeks as double) as whole,
        case when not exported.has_topics then 'no_topics' end as missing,
        'not_covered' as empty_reason
    from weeks
    cross join exported
    union all
    select 'M40', 'content_week_share', subject_kind, subject, '56d',
        cast(content_weeks as double), cast(weeks as double),
        case when not exported.has_topics then 'no_topics' end, 'not_covered'
    from weeks
    cross join exported
    union all
    select 'M98', 'tag_share', 'tag', tags.tag, '28d', cast(coalesce(tagged.posts, 0) as double),
        cast(all_tagged.posts as double),
        case when not exported.has_tags then 'no_tags' end, 'no_posts'
    from tags
    left join tagged on tags.tag = tagged.tag
    cross join all_tagged
    cross join exported
    union all
    select 'M98', 'tag_lift', 'tag', tags.tag, 'all', cast(lifts.actual as double),
        cast(lifts.expected as double),
        case when not exported.has_tags then 'no_tags' end, 'nobody_expected'
    from tags
    left join lifts on tags.tag = lifts.tag
    cross join exported
),

judged as (
    select
        measures.*,
        case
            when settings.report_message_at is null then 'no_message_export'
            when missing is not null then missing
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, group or tag
    subject, -- all, the group, or the tag
    period, -- days before R of messages, or all that is known
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of what, or against what
    reason -- why there is no value
from judged
