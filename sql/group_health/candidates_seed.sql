-- One row per seed user, for review: who brings many.
-- grain: member_id
-- M73: is_seed of referral.inviters.
with

inviters as (select * from referral.inviters),

stays as (select * from core.stays),

settings as (select * from core.settings),

exported as (select * from core.exported),

instants as (select least(report_join_at, report_invite_at) as report_at from settings),

present as (
    select distinct stays.member_id
    from stays
    cross join instants
    where stays.joined_at < instants.report_at
        and (stays.left_at is null or stays.left_at >= instants.report_at)
)

select
    inviters.inviter_id as member_id, -- member
    instants.report_at, -- R of joins and invites, naive UTC
    inviters.joined as joined_invitees, -- joined invitations
    inviters.joined_90d, -- of them, in the 90 days before R
    inviters.descendants, -- members below in the invite tree
    case when exported.has_joins or exported.has_messages then present.member_id is not null end
        as is_in_group, -- whether in a group at R; NULL where nobody exports that
    'Joined invitees: ' || cast(inviters.joined as varchar) || ', in the last 90 days: '
        || cast(inviters.joined_90d as varchar) || '; members below in the invite tree: '
        || cast(inviters.descendants as varchar) || '.' as reason_en, -- why, in words
    '邀请成功 ' || cast(inviters.joined as varchar) || ' 人，其中近 90 天 '
        || cast(inviters.joined_90d as varchar) || ' 人；邀请关系下共 '
        || cast(inviters.descendants as varchar) || ' 人。' as reason_zh -- the same in Chinese
from inviters
cross join instants
cross join exported
left join present on inviters.inviter_id = present.member_id
where inviters.is_seed
