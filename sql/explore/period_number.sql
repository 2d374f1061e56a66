-- Consecutive number of the period that starts on a first day (of explore.period_start).
create or replace macro explore.period_number(first_day, period) as
    case period
        when 'day' then date_diff('day', date '1970-01-04', first_day)
        when 'week' then cast(floor(date_diff('day', date '1970-01-04', first_day) / 7) as bigint)
        else 12 * year(first_day) + month(first_day)
    end
