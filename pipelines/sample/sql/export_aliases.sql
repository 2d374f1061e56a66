-- Second ids of people.
select alias_id, member_id from people where alias_id is not null order by 1
