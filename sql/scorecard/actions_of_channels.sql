-- One row per week and channel: do those it brings leave within 7 days?
-- grain: week_start, action, subject
-- Joiners of the 26 cohort weeks before whose 7 days are over at the week's end, against all
-- channels together, unknown ones too. Wilson 95 %.
with

channels as (select * from acquisition.channels),

weeks as (select * from core.weeks),

action_weeks as (select * from scorecard.action_weeks),

settings as (select * from core.settings),

counts as (
    select
        action_weeks.week_start,
        channels.channel,
        cast(sum(channels.new_members) as double) as joiners,
        cast(sum(channels.early_exit_members) as double) as exits
    from action_weeks
    join weeks on weeks.week_number < action_weeks.week_number
        and weeks.week_number >= action_weeks.week_number - 26
    join channels on weeks.week_start = channels.cohort_week
    where channels.early_exit_members is not null
    group by action_weeks.week_start, channels.channel
),

rated as (
    select
        counts.*,
        exits / nullif(joiners, 0) as exit_rate,
        (exits + 1.920729410347062 - 1.959963984540054
            * sqrt(exits * (joiners - exits) / nullif(joiners, 0) + 0.960364705173531))
            / (joiners + 3.841458820694124) as exit_low,
        sum(exits) over (partition by week_start)
            / nullif(sum(joiners) over (partition by week_start), 0) as all_rate
    from counts
),

written as (
    select
        rated.*,
        cast(cast(joiners as bigint) as varchar) as joiners_text,
        cast(cast(round(100.0 * exit_rate, 1) as decimal(9, 1)) as varchar) || ' %' as rate,
        cast(cast(round(100.0 * greatest(0.0, exit_low), 1) as decimal(9, 1)) as varchar) || ' %'
            as low,
        cast(cast(round(100.0 * all_rate, 1) as decimal(9, 1)) as varchar) || ' %' as all_text
    from rated
    where joiners > 0 and channel <> 'unknown'
)

select
    written.week_start, -- week at whose end it is judged
    'stop_channel' as action, -- stop_channel
    'channel' as subject_kind, -- channel
    written.channel as subject, -- channel
    written.channel as subject_name, -- its name
    cast(null as varchar) as owner_id, -- no owner of channels is exported
    written.joiners >= settings.channel_min_members
        and written.exit_rate > settings.channel_exit_rate
        and written.exit_low > written.all_rate as is_due, -- whether all thresholds are passed
    written.exit_rate as value, -- left within 7 days / joiners
    written.joiners as base, -- joiners
    '7-day exit ' || written.rate || ' of ' || written.joiners_text || ' (Wilson low '
        || written.low || '), all channels ' || written.all_text
        as evidence, -- the numbers in words
    '入群 7 日退群率 ' || written.rate || '（' || written.joiners_text || ' 人，Wilson 下限 '
        || written.low || '），全部渠道 ' || written.all_text as evidence_zh -- the same in Chinese
from written
cross join settings
