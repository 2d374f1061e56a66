-- The instant of a step, where the funnel has the step and the instant is within its window.
create or replace macro explore.in_window(moment, entered_at, within, has_step) as
    case when has_step and (cast(within as interval) is null
        or moment <= entered_at + cast(within as interval)) then moment end
