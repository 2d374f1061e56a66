-- One row per measure of the channels of partners.
-- grain: concept_id, measure, subject_kind, subject, period
-- concept: M09 = partner_new_members, partner_early_exit_rate, partner_participation_7d
-- concept: M09 = partner_conversion_30d, partner_buyer_30d_rate
-- M01, M05, M21 and M47 of the channels that begin with partner:.
with

partners as (select * from scorecard.partners),

settings as (select * from core.settings),

exported as (select * from core.exported),

windows as (select * from core.report_windows),

covered as (
    select
        coalesce(bool_or(kind = 'message' and days = 7 and is_covered), false) as has_messages,
        coalesce(bool_or(kind = 'order' and days = 30 and is_covered), false) as has_orders
    from windows
),

-- One row where there is no partner.
subjects as (
    select coalesce(partners.channel, 'all') as channel
    from exported
    left join partners on true
),

measures as (
    select 'partner_new_members' as measure, channel, 'all' as period,
        cast(new_members as double) as part, cast(1 as double) as whole
    from partners
    union all
    select 'partner_early_exit_rate', channel, 'all', cast(early_exit_members as double),
        cast(exit_base as double)
    from partners
    union all
    select 'partner_participation_7d', channel, 'at_report', cast(posters_7d as double),
        cast(archived_members as double)
    from partners
    union all
    select 'partner_conversion_30d', channel, 'at_report', cast(buyers_30d as double),
        cast(members as double)
    from partners
    union all
    select 'partner_buyer_30d_rate', channel, 'all', cast(buyers as double),
        cast(buyer_base as double)
    from partners
),

names as (
    select unnest(['partner_new_members', 'partner_early_exit_rate', 'partner_participation_7d',
        'partner_conversion_30d', 'partner_buyer_30d_rate']) as measure
),

filled as (
    select
        names.measure,
        subjects.channel,
        case when names.measure in ('partner_participation_7d', 'partner_conversion_30d')
            then 'at_report' else 'all' end as period,
        measures.part,
        measures.whole
    from names
    cross join subjects
    left join measures
        on names.measure = measures.measure
        and subjects.channel = measures.channel
),

judged as (
    select
        filled.*,
        case
            when settings.watermark_join_at is null then 'no_join_export'
            when not exported.has_channels then 'no_channels'
            when filled.channel = 'all' then 'no_partner_channels'
            when filled.measure = 'partner_early_exit_rate' and not exported.has_exits
                then 'exits_not_exported'
            when filled.measure = 'partner_participation_7d'
                and settings.watermark_message_at is null then 'no_message_export'
            when filled.measure in ('partner_conversion_30d', 'partner_buyer_30d_rate')
                and settings.watermark_order_at is null then 'no_order_export'
            when filled.measure = 'partner_participation_7d' and not covered.has_messages
                then 'not_covered'
            when filled.measure = 'partner_conversion_30d' and not covered.has_orders
                then 'not_covered'
            when filled.part is null or filled.whole is null then 'not_mature'
            when filled.whole = 0 then 'no_members'
        end as reason
    from filled
    cross join settings
    cross join exported
    cross join covered
)

select
    'M09' as concept_id, -- concept
    measure, -- what is measured
    'channel' as subject_kind, -- channel
    channel as subject, -- the partner's channel; all where there is none
    period, -- at_report, or all complete weeks
    case when reason is null then part / whole end as value, -- numerator / denominator
    case when reason is null then part end as numerator, -- what is counted
    case when reason is null and measure <> 'partner_new_members' then whole end
        as denominator, -- of how many
    reason -- why there is no value
from judged
