-- One row per measure of members talking to each other.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M22 = two_way_pair_share, reply_share
-- concept: M95 = self_running_share
-- Groups open at R of messages whose 28 days are covered. Pairs are of counted members of a group.
with

talks as (select * from group_health.talks),

conversations as (select * from group_health.conversations),

messages as (select * from group_health.recent_messages),

roles as (select * from core.roles),

settings as (select * from core.settings),

exported as (select * from core.exported),

written as (
    select messages.*
    from messages
    join talks on messages.group_id = talks.group_id
    where talks.is_covered and messages.is_meaningful
),

reply_counts as (
    select count(case when is_reply then 1 end) as replies, count(*) as messages
    from written
),

directions as (
    select
        written.group_id,
        least(written.member_id, written.reply_to_member_id) as one_id,
        greatest(written.member_id, written.reply_to_member_id) as other_id,
        count(distinct written.member_id) as directions
    from written
    join roles on written.reply_to_member_id = roles.member_id
    where roles.is_counted and written.member_id <> written.reply_to_member_id
    group by
        written.group_id,
        least(written.member_id, written.reply_to_member_id),
        greatest(written.member_id, written.reply_to_member_id)
),

pairs as (
    select count(case when directions = 2 then 1 end) as two_way, count(*) as pairs
    from directions
),

scopes as (
    select 'group' as subject_kind, talks.group_id as subject, talks.is_covered,
        conversations.is_self_running
    from talks
    left join conversations on talks.group_id = conversations.group_id
    union all
    select 'community', 'all', talks.is_covered, conversations.is_self_running
    from settings
    left join talks on true
    left join conversations on talks.group_id = conversations.group_id
),

running as (
    select
        subject_kind,
        subject,
        coalesce(bool_or(is_covered), false) as is_covered,
        count(case when is_self_running then 1 end) as self_running,
        count(is_self_running) as conversations
    from scopes
    group by subject_kind, subject
),

any_covered as (select coalesce(bool_or(is_covered), false) as is_covered from talks),

measures as (
    select 'M22' as concept_id, 'two_way_pair_share' as measure, 'community' as subject_kind,
        'all' as subject, two_way as part, pairs as whole, is_covered,
        case when not exported.has_replies then 'no_replies' end as missing,
        'no_pairs' as empty_reason
    from pairs
    cross join any_covered
    cross join exported
    union all
    select 'M22', 'reply_share', 'community', 'all', replies, messages, is_covered,
        case when not exported.has_replies then 'no_replies' end, 'no_messages'
    from reply_counts
    cross join any_covered
    cross join exported
    union all
    select 'M95', 'self_running_share', subject_kind, subject, self_running, conversations,
        is_covered, null, 'no_sessions'
    from running
),

judged as (
    select
        measures.*,
        case
            when settings.report_message_at is null then 'no_message_export'
            when missing is not null then missing
            when not is_covered then 'not_covered'
            when whole = 0 then empty_reason
        end as reason
    from measures
    cross join settings
)

select
    concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community or group
    subject, -- all, or the group
    '28d' as period, -- days before R of messages
    case when reason is null then cast(part as double) / whole end
        as value, -- numerator / denominator
    case when reason is null then cast(part as double) end as numerator, -- what is counted
    case when reason is null then cast(whole as double) end as denominator, -- of what
    reason -- why there is no value
from judged
