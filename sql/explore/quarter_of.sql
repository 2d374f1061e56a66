-- Number of the quarter of an hour that an instant in naive UTC is in, from 1970 on.
create or replace macro explore.quarter_of(occurred_at) as
    epoch_us(occurred_at) // 900_000_000
