-- One row per member who was ever in a group: since when the community knows them.
-- grain: member_id
-- span: first_sign_at..
with

community_stays as (select * from core.community_stays),

first_joins as (select * from core.first_joins)

select
    community_stays.member_id, -- member
    first_joins.first_sign_at -- first sign in any group, naive UTC
from community_stays
join first_joins on community_stays.member_id = first_joins.member_id
where community_stays.stay_number = 1
