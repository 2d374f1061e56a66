-- One row per measure of red packets.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M31 = red_packet_lift, cost_per_extra_poster, beyond_takers_share, packet_only_share
-- Lift by business hour and by amount per share, of the packets of activation.lever_posts; lifts by
-- type of group are in activation.levers.
with

lever_posts as (select * from activation.lever_posts),

takers as (select * from activation.packet_takers),

packet_hours as (select * from activation.packet_hours),

settings as (select * from core.settings),

exported as (select * from core.exported),

packets as (
    select
        lever_posts.*,
        case
            when takers.amount_a_taker < 0.5 then '<0.5'
            when takers.amount_a_taker < 1 then '0.5–1'
            when takers.amount_a_taker >= 1 then '1+'
        end as share_bucket
    from lever_posts
    left join takers
        on lever_posts.group_id = takers.group_id and lever_posts.event_key = takers.event_key
    where lever_posts.lever = 'red_packet'
),

lifts as (
    select 'hour' as subject_kind,
        case when hour_of_day < 10 then '0' else '' end || cast(hour_of_day as varchar) as subject,
        sum(actual) as actual, sum(expected) as expected
    from packets
    group by hour_of_day
    union all
    select 'amount_per_share', share_bucket, sum(actual), sum(expected)
    from packets
    where share_bucket is not null
    group by share_bucket
    union all
    select 'amount_per_share', 'all', sum(actual), sum(expected)
    from packets
    where share_bucket is not null
    union all
    select 'community', 'all', sum(actual), sum(expected)
    from packets
),

costs as (
    select sum(amount) as amount, sum(actual) - sum(expected) as extra
    from packets
    where amount is not null
),

beyond as (select sum(posters_beyond) as beyond, sum(posters) as posters from takers),

-- Summed over groups first: a member counts once.
actives as (
    select member_id, sum(messages) as messages, sum(packet_messages) as packet_messages
    from packet_hours
    group by member_id
),

only_packets as (
    select
        count(case when messages = packet_messages then 1 end) as only_then,
        count(*) as actives
    from actives
),

measures as (
    select 'red_packet_lift' as measure, subject_kind, subject, 'all' as period,
        cast(actual as double) as part, cast(expected as double) as whole,
        case when subject_kind = 'amount_per_share' and not exported.has_packet_claims
            then 'no_packet_claims'
            when subject_kind = 'amount_per_share' and not exported.has_packet_amounts
                then 'no_packet_amounts' end as missing,
        'nobody_expected' as empty_reason
    from lifts
    cross join exported
    union all
    select 'cost_per_extra_poster', 'community', 'all', 'all', cast(amount as double),
        cast(case when extra > 0 then extra end as double),
        case when not exported.has_packet_amounts then 'no_packet_amounts' end, 'no_extra_posters'
    from costs
    cross join exported
    union all
    select 'beyond_takers_share', 'community', 'all', 'all', cast(beyond as double),
        cast(posters as double),
        case when not exported.has_packet_claims then 'no_packet_claims' end, 'no_messages'
    from beyond
    cross join exported
    union all
    select 'packet_only_share', 'community', 'all', '28d', cast(only_then as double),
        cast(actives as double), null, 'no_messages'
    from only_packets
),

judged as (
    select
        measures.*,
        case
            when settings.watermark_message_at is null then 'no_message_export'
            when not exported.has_red_packets then 'no_red_packets'
            when missing is not null then missing
            when coalesce(whole, 0) = 0 then empty_reason
        end as reason
    from measures
    cross join settings
    cross join exported
)

select
    'M31' as concept_id, -- concept
    measure, -- what is measured
    subject_kind, -- community, hour of the business day, or amount per share
    subject, -- all, the hour, or the range of amounts
    period, -- days before R of messages, or all that is known
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted or paid
    case when reason is null then whole end as denominator, -- of what, or against what
    reason -- why there is no value
from judged
