-- First day of the day, week or month that a business day is in.
-- week_starts: 'monday' or 'sunday'.
create or replace macro explore.period_start(day, period, week_starts) as
    case
        when period = 'week' and week_starts = 'sunday'
            then cast(date_trunc('week', day + 1) as date) - 1
        else cast(date_trunc(
            explore.one_of(period, 'period', ['day', 'week', 'month']), day) as date)
    end
