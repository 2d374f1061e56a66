-- One row: how far back events are kept.
-- materialized: view
with

retention as (select * from raw.retention)

select
    max(kept_from) as kept_from -- first business day that is kept; NULL when all are
from retention
