-- One row: time zone, start of the week, and where the data end. as_of: a day (until its end) or
-- an instant in naive UTC. Without it core.events ends at the earliest watermark of the kinds of
-- the names given (of all kinds where none of them was exported), and any other table at its
-- latest event.
create or replace macro explore.clock(
    names := null, as_of := null, time_zone := null, week_starts := null, events := 'core.events'
) as table
with

settings as (select * from core.settings),

chosen as (
    select
        coalesce(time_zone, settings.time_zone) as zone,
        explore.one_of(
            coalesce(week_starts, settings.week_starts), 'week_starts', ['monday', 'sunday']
        ) as week_starts,
        cast(as_of as varchar) as as_of,
        least(
            case when names is null or list_has_any(cast(names as varchar[]),
                ['join', 'leave', 'kick']) then settings.watermark_join_at end,
            case when names is null or list_has_any(cast(names as varchar[]),
                ['message', 'checkin', 'red_packet', 'mini_program'])
                then settings.watermark_message_at end,
            case when names is null or list_has_any(cast(names as varchar[]),
                ['order', 'preorder', 'recharge', 'refund']) then settings.watermark_order_at end,
            case when names is null or list_has_any(cast(names as varchar[]),
                ['invite', 'invite_joined']) then settings.watermark_invite_at end
        ) as watermark_at,
        least(settings.watermark_join_at, settings.watermark_message_at,
            settings.watermark_order_at, settings.watermark_invite_at) as any_watermark_at
    from settings
),

latest as (
    select max(occurred_at) as latest_at
    from explore.rows_of(events := events)
    where events <> 'core.events'
)

select
    chosen.zone, -- time zone
    chosen.week_starts, -- monday or sunday
    case
        when length(chosen.as_of) = 10
            then explore.day_start_at(cast(chosen.as_of as date) + 1, chosen.zone)
        when chosen.as_of is not null then cast(chosen.as_of as timestamp)
        when events = 'core.events' then coalesce(chosen.watermark_at, chosen.any_watermark_at)
        else latest.latest_at + interval 1 microsecond
    end as end_at, -- the instant before which the data are, naive UTC
    chosen.as_of is not null as is_given -- whether as_of was given: later events do not count
from chosen
cross join latest
