-- Groups: one row per slot and block of forty, with what becomes of each.
create table groups as
with numbered as (
    select i::bigint as g, i // 40 as block, slots.*
    from range(getvariable('group_count')::bigint) as n(i)
    join slots on slots.slot = n.i % 40
),
timed as (
    select
        *,
        case
            when opens = 0 then -86400 * (60 + floor(640 * u('created', g, 0)))::bigint
            else plan_t(opens) + 32400 + floor(20000 * u('created', g, 0))::bigint
        end as created_t,
    from numbered
)
select
    g,
    block,
    slot,
    'g' || padded(g + 1, greatest(3, length(getvariable('group_count')::varchar))) as group_id,
    group_type,
    size0,
    rate,
    burst,
    special,
    -- a group that opened before the first generated day stands on day 0
    created_t,
    greatest(created_t, 0) as open_t,
    case
        when special = 'flash' then created_t + 14 * 86400
        when special = 'merged' then plan_t(getvariable('merge_week')) + 3 * 86400 + 64800
    end as closes_t,
    case when special = 'merged' then g - slot + getvariable('merged_into') end as successor_g,
    owner,
    contains(flags, 'o') as is_over_promoted,
    contains(flags, 'p') as has_packets,
    contains(flags, 'c') as has_claims,
    contains(flags, 'w') as is_plain_wechat,
    contains(flags, 'g') as has_gap_week,
    contains(flags, 'u') as lacks_last_week,
    contains(flags, 'n') as is_never_archived,
    contains(flags, 'b') as is_big,
    -- the groups where nothing special hushes people
    special in ('', 'big', 'merged', 'flash') as is_lively,
    -- when a dead or dying group starts to fall silent
    case special
        when 'dead' then plan_t(5) + floor(u('hush', g, 0) * 5 * 604800)::bigint
        when 'dying' then plan_t(7) + floor(u('hush', g, 0) * 4 * 604800)::bigint
    end as hush_t,
    case special
        when 'dead' then 0.3 when 'dying' then 0.15
        when 'quiet_seller' then 2.3 when 'quiet_buyer' then 2.0
        else case group_type when 'vip' then 2.2 else 1.0 end
    end as buying,
    pick(
        ['杭州', '上海', '成都', '广州', '武汉', '南京', '苏州', '长沙', '西安', '青岛'], u('region', g, 0)
    ) as region,
    case group_type
        when 'interest' then pick(['baking', 'parenting', 'running', 'gardening', 'pets'],
            (slot % 5) / 5.0)
        when 'seed' then 'new products'
        when 'leader' then 'selling'
        else pick(['snacks', 'fruit', 'home', 'skin care'], u('topic', g, 0))
    end as topic,
from timed;

alter table groups add column group_name varchar;
update groups set group_name = case
    when u('name', g, 0) < 0.25 then
        pick(['Lakeside', 'Riverside', 'Old Town', 'Garden Road', 'North Gate', 'Harbour'],
            u('name', g, 1))
        || ' ' || case group_type
            when 'selling' then pick(['Deals', 'Daily Fresh', 'Pantry', 'Neighbours'],
                u('name', g, 2))
            when 'interest' then topic || ' club'
            when 'vip' then 'VIP Circle' when 'seed' then 'Tasters' when 'leader' then 'Leaders'
            else 'Flash 48h'
        end || ' ' || (g + 1)
    else
        region
        || pick(['湖滨', '城西', '滨江', '东站', '大学城', '老街', '新城', '河东'], u('name', g, 1))
        || case group_type
            when 'selling' then pick(['福利群', '团购群', '门店优选群', '好物群', '生鲜群'], u('name', g, 2))
            when 'interest' then case topic
                when 'baking' then '烘焙同好' when 'parenting' then '亲子交流' when 'running' then '晨跑打卡'
                when 'gardening' then '阳台种菜' else '萌宠' end || '群'
            when 'vip' then '会员专享群' when 'seed' then '新品体验官群' when 'leader' then '团长赋能群'
            else '快闪群'
        end || (g + 1)
end;

-- Campaigns. A wave number counts the repetitions of one type.
create table campaigns as
with cycles as (
    select c::int as cycle
    from range(-(getvariable('weeks')::int // 26) - 1, 1) as n(c)
),
planned(campaign_type, campaign_name, week, days, share, spend, channel) as (
    values
    ('flash_sale', '限时秒杀', 3, 7, 0.120, 260, 'group'),
    ('flash_sale', '限时秒杀', 8, 7, 0.102, 260, 'group'),
    ('flash_sale', '限时秒杀', 12, 7, 0.087, 240, 'group'),
    ('flash_sale', '限时秒杀', 17, 7, 0.074, 240, 'group'),
    ('flash_sale', '限时秒杀', 22, 7, 0.063, 220, 'group'),
    ('fission', '老带新裂变', 5, 7, 0.22, 400, 'fission'),
    ('fission', '老带新裂变', 13, 7, 0.17, 400, 'fission'),
    ('fission', '老带新裂变', 21, 7, 0.13, 400, 'fission'),
    ('other', '周年庆 Anniversary', 19, 7, 0.16, 1800, 'group'),
    ('checkin', '21天打卡 Check-in', 9, 21, 0.10, 300, 'group'),
),
placed as (
    select planned.*, cycle, plan_t(week + 26 * cycle) as start_t
    from planned, cycles
    where plan_t(week + 26 * cycle) >= 0 and week + 26 * cycle <= 26
)
select
    row_number() over (order by start_t, campaign_type) as campaign_no,
    'c' || padded(row_number() over (order by start_t, campaign_type), 2) || '_'
        || campaign_type
        as campaign_id,
    campaign_name,
    campaign_type,
    channel,
    row_number() over (partition by campaign_type order by start_t)::int as wave_number,
    start_t,
    start_t + days * 86400::bigint as end_t,
    share,
    spend,
    cycle_week(start_t) as week,
from placed;

-- Promo pushes of the over-promoted groups: four a week in three bad spells.
create table pushes as
select
    row_number() over (order by g, week, weekday) as push_no,
    g,
    (plan_t(week) + weekday * 86400 + 20 * 3600
        + floor(600 * u('push_at', g, week * 7 + weekday)))::bigint as t,
from groups, range(-400, 27) as w(week), (values (0), (2), (4), (5)) as d(weekday)
where is_over_promoted
    and (((week - 1) % 26 + 26) % 26 + 1) in (6, 7, 8, 9, 14, 16, 17, 18, 22, 23, 24)
    and plan_t(week) >= open_t;
