-- Declared coverage of single groups.
select 'main' as source, 'message' as event_kind, group_id, covered_from, covered_to,
    null as exported_at
from declared_coverage order by group_id, covered_from
