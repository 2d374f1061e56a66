-- One row per group and business day with promotion by staff: who left in the 24 hours after.
-- grain: group_id, day
-- concept: M103 = exits_24h, members, exit_rate, usual_exit_rate, exit_ratio
-- concept: M90 = exit_rate
-- From the first promo post of the day on. exits_24h = of the members at that moment, who left or
-- were removed within 24 h. Usual = exits a day of the group over the lever_weeks x 7 days before.
with

posts as (select * from activation.posts),

exit_days as (select * from group_health.exit_days),

stays as (select * from core.stays),

calendar as (select * from core.calendar),

groups as (select * from core.groups),

settings as (select * from core.settings),

exported as (select * from core.exported),

list_gaps as (select * from core.list_gaps),

gap_groups as (select group_id, max(hours) as hours from list_gaps group by group_id),

pushes as (
    select
        posts.group_id,
        posts.day,
        posts.occurred_at,
        posts.event_key,
        posts.members,
        count(*) over (partition by posts.group_id, posts.day) as promo_posts
    from posts
    where posts.topic = 'promo' and posts.author_role = 'staff'
    qualify row_number() over (
        partition by posts.group_id, posts.day order by posts.occurred_at, posts.event_key
    ) = 1
),

placed as (
    select pushes.*, calendar.day_number
    from pushes
    join calendar on pushes.day = calendar.day
),

exits as (
    select stays.group_id, stays.joined_at, stays.left_at, calendar.day_number
    from stays
    join calendar
        on stays.left_at >= calendar.day_start_at and stays.left_at < calendar.day_end_at
    where stays.exit_kind in ('leave', 'kick')
),

-- Whoever leaves within 24 hours leaves on the day of the push or the day after.
candidates as (
    select placed.group_id, placed.day, placed.occurred_at, exits.joined_at, exits.left_at
    from placed
    join exits
        on placed.group_id = exits.group_id and placed.day_number = exits.day_number
    union all
    select placed.group_id, placed.day, placed.occurred_at, exits.joined_at, exits.left_at
    from placed
    join exits
        on placed.group_id = exits.group_id and placed.day_number + 1 = exits.day_number
),

after_push as (
    select group_id, day, count(*) as exits_24h
    from candidates
    where joined_at <= occurred_at
        and left_at > occurred_at
        and left_at < occurred_at + interval 24 hour
    group by group_id, day
),

usual as (
    select
        placed.group_id,
        placed.day,
        count(*) as usual_days,
        sum(exit_days.members) as member_days,
        sum(exit_days.exits) as exits
    from placed
    cross join settings
    join exit_days
        on placed.group_id = exit_days.group_id
        and exit_days.day_number < placed.day_number
        and exit_days.day_number >= placed.day_number - settings.lever_weeks * 7
    group by placed.group_id, placed.day
),

judged as (
    select
        placed.*,
        groups.owner_id,
        coalesce(usual.usual_days, 0) as usual_days,
        usual.member_days as usual_member_days,
        usual.exits as usual_exits_before,
        after_push.exits_24h,
        case
            when settings.watermark_join_at is null then 'no_join_export'
            when not exported.has_exits then 'exits_not_exported'
            when gap_groups.hours >= 24 then 'lists_too_far_apart'
            when placed.occurred_at + interval 24 hour > settings.report_join_at
                then 'not_mature'
            when today.group_id is null or tomorrow.group_id is null then 'not_covered'
        end as missing
    from placed
    join groups on placed.group_id = groups.group_id
    cross join settings
    cross join exported
    left join gap_groups on placed.group_id = gap_groups.group_id
    left join usual on placed.group_id = usual.group_id and placed.day = usual.day
    left join after_push on placed.group_id = after_push.group_id and placed.day = after_push.day
    left join exit_days as today
        on placed.group_id = today.group_id and placed.day_number = today.day_number
    left join exit_days as tomorrow
        on placed.group_id = tomorrow.group_id and placed.day_number + 1 = tomorrow.day_number
),

measured as (
    select
        judged.*,
        case when missing is null then coalesce(exits_24h, 0) end as exits,
        case when missing is null and usual_days >= 14 then usual_member_days end
            as base_days,
        case when missing is null and usual_days >= 14 then usual_exits_before end as base_exits
    from judged
)

select
    measured.group_id, -- group
    measured.day, -- business day of the promotion
    measured.owner_id, -- member of staff who owns the group
    measured.occurred_at as pushed_at, -- first promo post of the day, naive UTC
    measured.event_key, -- that post
    measured.promo_posts, -- promo posts of staff on the day
    measured.members, -- members in the group at that moment
    measured.exits as exits_24h, -- of them, who left or were removed within 24 hours
    cast(measured.exits as double) / nullif(measured.members, 0)
        as exit_rate, -- exits_24h / members
    cast(measured.base_exits as double) / nullif(cast(measured.base_days as double), 0)
        as usual_exit_rate, -- exits a member and day, 8 weeks before; NULL below 14 known days
    measured.members * cast(measured.base_exits as double)
        / nullif(cast(measured.base_days as double), 0)
            as usual_exits, -- members x usual_exit_rate
    cast(measured.exits as double) * cast(measured.base_days as double)
        / nullif(measured.members * cast(measured.base_exits as double), 0)
            as exit_ratio, -- exits_24h / usual_exits; NULL where nobody usually leaves
    coalesce(
        measured.exits >= settings.push_min_exits
            and measured.exits >= settings.push_exit_ratio * measured.members
                * cast(measured.base_exits as double)
                / nullif(cast(measured.base_days as double), 0),
        false
    ) as is_too_much, -- at least push_min_exits and push_exit_ratio times the usual
    case
        when measured.missing is not null then measured.missing
        when measured.members = 0 then 'no_members'
        when measured.usual_days < 14 then 'short_history'
        when measured.base_exits = 0 then 'no_usual_exits'
    end as reason -- why a number of the row is missing
from measured
cross join settings
