-- Turns drafts into seats: draws when each person leaves, and lets closing groups close.
insert into seats
with base as (
    select
        d.*,
        least(coalesce(gr.closes_t, 9e15::bigint), getvariable('end_t')) as last_t,
        case
            when d.is_pinned then 9e15::bigint
            -- reward hunters leave within 40 hours
            when d.early = 2 then d.t + 3600 + floor(140000 * u('early_at', d.person, d.g))::bigint
            when u('early', d.person, d.g * 10 + d.stay) < d.early
                then d.t + 60 + floor(
                    -2.2 * ln(1 - u('early_at', d.person, d.g * 10 + d.stay) * (1 - exp(-7 / 2.2)))
                        * 86400
                )::bigint
            else greatest(d.t + case when d.early > 0 then 604800 else 0 end, 0) + 60
                + floor(expo('later', d.person, d.g * 10 + d.stay) / 0.0085 * 604800)::bigint
        end as base_t,
    from draft as d
    join groups as gr using (g)
),
pushed as (
    select person, g, stay,
        min(p.t + floor(86000 * u('push_exit_at', person, p.push_no) ** 2)::bigint) as push_t
    from base
    join pushes as p using (g)
    where p.t > base.t and not is_pinned and u('push_exit', person, p.push_no) < 0.0047
    group by all
),
holiday as (
    select person, g, stay, plan_t(week) + floor(604800 * u('holiday_at', person, week))::bigint
        as holiday_t
    from base, (
        select week from range(getvariable('week_shift')::int + 1, 27) as w(week)
            where cycle_week(plan_t(week)) = 15
    )
    where not is_pinned and plan_t(week) > base.t and u('holiday', person, g * 1000 + week) < 0.007
    qualify row_number() over (partition by person, g, stay order by week) = 1
),
left_at as (
    select base.*, least(base_t, coalesce(push_t, base_t), coalesce(holiday_t, base_t)) as leave_t
    from base
    left join pushed using (person, g, stay)
    left join holiday using (person, g, stay)
)
select
    person, g, stay, t, scene, channel, origin, inviter, campaign_no,
    case when leave_t < last_t then leave_t end,
    case when leave_t < last_t then case when u('kick', person, g) < 0.08 then 'kick' else 'leave'
        end end,
    least(leave_t, last_t),
from left_at
where t < last_t;

delete from draft;
