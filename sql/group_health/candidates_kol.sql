-- One row per member who may be a KOL, for review: whom others answer, follow and buy after.
-- grain: member_id
-- M74. The best kol_max_share (rounded up) of group_health.kol_scores who have a replier.
with

scores as (select * from group_health.kol_scores),

roles as (select * from core.roles),

settings as (select * from core.settings)

select
    scores.member_id, -- member
    scores.report_at, -- R, naive UTC
    scores.repliers, -- members who replied to them, 90 days
    scores.replies, -- replies they got
    scores.orders_attributed, -- paid orders that name them or of somebody they brought
    scores.descendants_90d, -- members below in the invite tree who joined
    scores.reach_24h, -- members who replied to them within 24 h
    scores.kol_score, -- mean percentile rank, 0-1
    scores.place, -- place among the members in groups
    roles.role = 'kol' as is_kol, -- whether the role is set already
    'Replies in 90 days: ' || cast(scores.replies as varchar) || ', by members: '
        || cast(scores.repliers as varchar) || '; orders attributed: '
        || coalesce(cast(scores.orders_attributed as varchar), 'not known')
        || ', new members brought: '
        || coalesce(cast(scores.descendants_90d as varchar), 'not known') || '. Score '
        || cast(cast(floor(scores.kol_score * 100 + 0.000001) as bigint) as varchar) || ' of 100.'
        as reason_en, -- why, in words
    '近 90 天 ' || cast(scores.repliers as varchar) || ' 位成员回复 '
        || cast(scores.replies as varchar) || ' 次，带来 '
        || coalesce(cast(scores.orders_attributed as varchar), '未知') || ' 笔订单、'
        || coalesce(cast(scores.descendants_90d as varchar), '未知') || ' 位新成员，得分 '
        || cast(cast(floor(scores.kol_score * 100 + 0.000001) as bigint) as varchar) || '/100。'
        as reason_zh -- the same in Chinese
from scores
cross join settings
join roles on scores.member_id = roles.member_id
where scores.repliers > 0
    and scores.place <= ceil(settings.kol_max_share * scores.members - 0.000001)
