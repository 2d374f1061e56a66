-- One row per group and week: who talks, among the members in the group at its end who allow
-- archiving.
-- grain: group_id, week_start
with

member_windows as (select * from group_health.member_windows),

ranked as (
    select
        member_windows.*,
        row_number() over (
            partition by week_start, group_id order by messages_28d, member_id
        ) as place_up,
        row_number() over (
            partition by week_start, group_id order by messages_28d desc, member_id
        ) as place_down
    from member_windows
    where not is_refuser
),

voices as (
    select
        week_start,
        group_id,
        count(*) as archived_members,
        count(case when messages_7d > 0 then 1 end) as posters_7d,
        cast(sum(messages_7d) as bigint) as messages_7d,
        cast(sum(messages_28d) as bigint) as messages_28d,
        cast(sum(replies_28d) as bigint) as replies_28d,
        count(case when is_30d then 1 end) as settled_members,
        count(case when is_30d and messages_30d = 0 then 1 end) as lurkers,
        count(case when is_buyer_30d then 1 end) as archived_buyers,
        count(case when is_buyer_30d and messages_30d = 0 then 1 end) as silent_buyers,
        cast(sum(case when place_down <= 3 then messages_28d else 0 end) as bigint)
            as top3_messages,
        cast(sum(place_up * messages_28d) as bigint) as weighted_messages
    from ranked
    group by week_start, group_id
)

select
    group_id, -- group
    week_start, -- week at whose end the group is looked at
    archived_members, -- members who did not refuse archiving
    posters_7d, -- of them, who posted in 7 days
    messages_7d, -- their meaningful messages in 7 days
    messages_28d, -- in 28 days
    replies_28d, -- of those, answers to somebody
    settled_members, -- in the group for 30 days or more
    lurkers, -- of them, without a message in 30 days
    archived_buyers, -- who bought in 30 days
    silent_buyers, -- of them, without a message in 30 days
    top3_messages, -- messages of the three loudest, 28 days
    weighted_messages -- sum of place x messages in ascending order, for the Gini coefficient
from voices
