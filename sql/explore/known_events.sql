-- One row per event name that a question may use: those of the table; those that core.events can
-- have, exported or not.
create or replace macro explore.known_events(events := 'core.events') as table
with

known as (
    select event_name
    from explore.rows_of(events := events)
    where events <> 'core.events'
    union
    select unnest([
        'join', 'leave', 'kick', 'message', 'checkin', 'red_packet', 'mini_program', 'order',
        'preorder', 'recharge', 'refund', 'invite', 'invite_joined'
    ]) as event_name
    where events = 'core.events'
)

select event_name -- name of an event
from known
