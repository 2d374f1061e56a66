-- First day of the period that is so many periods after another.
create or replace macro explore.period_after(first_day, period, periods) as
    cast(case period
        when 'day' then first_day + to_days(cast(periods as integer))
        when 'week' then first_day + to_days(cast(7 * periods as integer))
        else first_day + to_months(cast(periods as integer))
    end as date)
