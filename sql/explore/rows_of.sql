-- The events of a table or view as the other macros read them.
-- by, order_column: names of columns; a column that is not there is an error of DuckDB's that names
-- those that are. event_order is empty where the table has none.
create or replace macro explore.rows_of(
    "by" := null, order_column := null, events := 'core.events'
) as table
with

all_columns as (
    select null::bigint as event_order, null::varchar as no_column
    where false
    union all by name
    select * from query_table(events)
)

select
    all_columns.member_id, -- member
    cast(all_columns.event_name as varchar) as event_name, -- what happened
    cast(all_columns.occurred_at as timestamp) as occurred_at, -- when, naive UTC
    all_columns.event_order, -- order among events of one instant
    struct_extract(all_columns, coalesce(order_column, 'no_column')) as row_order, -- order given
    cast(struct_extract(all_columns, coalesce("by", 'no_column')) as varchar)
        as by_value -- value to break down by
from all_columns
where all_columns.member_id is not null
    and all_columns.event_name is not null
    and all_columns.occurred_at is not null
