-- One row per measure of exits after promotion, opting out, and the proxies of the four senses.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M35 = exits_after_promo_ratio
-- concept: M88 = ritual_week_share, participation_7d, answered_rate, staffed_day_share
-- concept: M88 = belonging_90d
-- concept: M90 = opted_out_share, recipients_of_pushes
-- concept: M103 = exit_rate_24h, usual_exit_rate_24h
with

pushes as (select * from group_health.pushes),

content_weeks as (select * from group_health.content_weeks),

groups as (select * from group_health.groups),

talk as (select * from scorecard.catalogue_talk),

people as (select * from scorecard.catalogue_talk_people),

stays as (select * from core.stays),

community_stays as (select * from core.community_stays),

members as (select * from staging.members),

settings as (select * from core.settings),

exported as (select * from core.exported),

recent as (
    select pushes.*
    from pushes
    cross join settings
    where pushes.pushed_at >= settings.report_join_at - interval 2160 hour
        and pushes.pushed_at < settings.report_join_at
        and pushes.exit_rate is not null
),

scopes as (
    select 'group' as subject_kind, group_id as subject, recent.*
    from recent
    union all
    select 'community', 'all', recent.*
    from settings
    left join recent on true
),

-- Usual exits are added up as decimals, so that the sum does not depend on its order.
sums as (
    select
        subject_kind,
        subject,
        sum(exits_24h) as exits,
        sum(members) as members,
        sum(case when usual_exit_rate is not null then exits_24h end) as judged_exits,
        sum(case when usual_exit_rate is not null then members end) as judged_members,
        cast(sum(cast(usual_exits as decimal(30, 15))) as double) as usual_exits
    from scopes
    group by subject_kind, subject
),

present as (
    select count(distinct stays.member_id) as members,
        count(distinct case when members.opted_out_at < settings.report_join_at
            then stays.member_id end) as opted_out
    from stays
    cross join settings
    left join members on stays.member_id = members.member_id
    where stays.joined_at <= settings.report_join_at
        and (stays.left_at is null or stays.left_at > settings.report_join_at)
),

settled as (
    select
        count(*) as members,
        count(case when coalesce(
            exit_kind in ('leave', 'kick') and left_at < joined_at + interval 2160 hour, false
        ) then 1 end) as gone
    from community_stays
    cross join settings
    where stay_number = 1
        and is_join_known
        and joined_at + interval 2160 hour <= settings.report_join_at
),

rituals as (
    select count(case when has_ritual then 1 end) as ritual_weeks, count(*) as weeks
    from content_weeks
),

posters as (
    select
        sum(posters_7d) as posters,
        sum(case when posters_7d is not null then archived_members end) as members
    from groups
),

measures as (
    select 'M103' as concept_id, 'exit_rate_24h' as measure, subject_kind, subject,
        '90d' as period, cast(exits as double) as part, cast(members as double) as whole,
        case when not exported.has_topics then 'no_topics'
            when not exported.has_exits then 'exits_not_exported' end as missing,
        'no_posts' as empty_reason
    from sums
    cross join exported
    union all
    select 'M103', 'usual_exit_rate_24h', subject_kind, subject, '90d', usual_exits,
        cast(judged_members as double),
        case when not exported.has_topics then 'no_topics'
            when not exported.has_exits then 'exits_not_exported' end, 'short_history'
    from sums
    cross join exported
    union all
    select 'M35', 'exits_after_promo_ratio', subject_kind, subject, '90d',
        cast(judged_exits as double), usual_exits,
        case when not exported.has_topics then 'no_topics'
            when not exported.has_exits then 'exits_not_exported' end, 'no_usual_exits'
    from sums
    cross join exported
    union all
    select 'M90', 'opted_out_share', 'community', 'all', 'at_report', cast(opted_out as double),
        cast(members as double), case when not exported.has_opt_outs then 'no_opt_outs' end,
        'no_members'
    from present
    cross join exported
    union all
    select 'M90', 'recipients_of_pushes', 'community', 'all', 'at_report', null, null,
        'not_measurable', null
    from settings
    union all
    select 'M88', 'ritual_week_share', 'community', 'all', '56d', cast(ritual_weeks as double),
        cast(weeks as double), null, 'not_covered'
    from rituals
    union all
    select 'M88', 'participation_7d', 'community', 'all', '7d', cast(posters as double),
        cast(members as double), null, 'no_members'
    from posters
    union all
    select 'M88', 'answered_rate', 'community', 'all', '28d', denominator - numerator, denominator,
        reason, 'no_questions'
    from people
    where measure = 'unanswered_rate'
    union all
    select 'M88', 'staffed_day_share', 'community', 'all', '7d', numerator, denominator, reason,
        'no_groups'
    from talk
    where measure = 'staffed_day_share' and subject_kind = 'community'
    union all
    select 'M88', 'belonging_90d', 'community', 'all', 'all', cast(members - gone as double),
        cast(members as double), case when not exported.has_exits then 'exits_not_exported' end,
        'not_mature'
    from settled
    cross join exported
),

judged as (
    select
        measures.*,
        case
            when missing = 'not_measurable' then missing
            when measure not in ('opted_out_share', 'belonging_90d')
                and settings.watermark_message_at is null then 'no_message_export'
            when concept_id in ('M35', 'M90', 'M103')
                and settings.watermark_join_at is null then 'no_join_export'
            when missing is not null then missing
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or group
    subject, -- all, or the group
    period, -- days before R, all that is known, or at_report
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null then whole end as denominator, -- of what, or against what
    reason -- why there is no value
from judged
