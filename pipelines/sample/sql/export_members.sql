-- People and the house: role, tier, consent.
select member_id, 'member' as role,
    case when buying >= 2 and u('tier', person, 0) < 0.5 then 'gold' end as tier,
    case when buying >= 2 and u('tier', person, 0) < 0.5
        then ts(greatest(t, 0) + floor((getvariable('end_t') - greatest(t, 0))
            * u('tier', person, 1))::bigint)
        end as tier_since,
    region, ts(opt_out_t) as opted_out_at,
        case when refuses then 'no' else 'yes' end as archive_consent
from (select people.* from people where person not in (select person from kols))
union all
select member_id, 'kol', null, null, region, null,
    'yes' from people where person in (select person from kols)
union all
select member_id, role, null, null, null, null, 'yes' from authors where author < 0
order by role desc, member_id
