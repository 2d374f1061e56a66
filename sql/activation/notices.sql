-- One row per member whom somebody else answered or mentioned after their first join.
-- grain: member_id
-- By members or staff; what was taken back, and bots and alts, are left out. An answer is a reply
-- or a post in a thread that the member began.
with

messages as (select * from core.messages),

members as (select * from core.members),

aliases as (select * from staging.aliases),

pointing as (
    select member_id, reply_to_member_id, mentions, occurred_at
    from messages
    where revoked_at is null
        and kind <> 'system'
        and (is_counted or is_staff)
        -- Said of the messages themselves, so that no others are looked up.
        and (reply_to_message_id is not null or thread_id is not null or mentions is not null)
        and (reply_to_member_id is not null or mentions is not null)
),

mentioned as (
    select
        member_id,
        occurred_at,
        unnest(string_split(replace(replace(mentions, ',', ' '), ';', ' '), ' ')) as named_id
    from pointing
    where mentions is not null
),

notices as (
    select reply_to_member_id as member_id, member_id as author_id, occurred_at, true as is_answer
    from pointing
    where reply_to_member_id is not null
    union all
    select
        coalesce(aliases.member_id, mentioned.named_id) as member_id,
        mentioned.member_id as author_id,
        mentioned.occurred_at,
        false as is_answer
    from mentioned
    left join aliases
        on mentioned.named_id = aliases.alias_id
        and mentioned.occurred_at >= aliases.valid_from
        and mentioned.occurred_at < aliases.valid_to
)

select
    notices.member_id, -- member
    min(case when notices.is_answer then notices.occurred_at end)
        as first_answered_at, -- first answer to a message of theirs, naive UTC
    min(notices.occurred_at) as first_noticed_at -- first answer or mention, naive UTC
from notices
join members on notices.member_id = members.member_id
where members.is_counted
    and notices.author_id <> notices.member_id
    and notices.occurred_at >= members.first_joined_at
group by notices.member_id
