-- One row per group and week: who talks, among the members in the group at its end who allow
-- archiving.
-- grain: group_id, week_start
with

member_windows as (select * from group_health.member_windows),

-- Only who talked is ranked: the silent stand before them and add nothing.
ranked as (
    select
        week_start,
        group_id,
        messages_28d,
        row_number() over (
            partition by week_start, group_id order by messages_28d, member_id
        ) as place,
        count(*) over (partition by week_start, group_id) as talkers
    from member_windows
    where not is_refuser and messages_28d > 0
),

talks as (
    select
        week_start,
        group_id,
        count(*) as talkers,
        sum(case when place > talkers - 3 then messages_28d else 0 end) as top3_messages,
        sum(place * messages_28d) as weighted_messages
    from ranked
    group by week_start, group_id
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
        count(case when is_buyer_30d and messages_30d = 0 then 1 end) as silent_buyers
    from member_windows
    where not is_refuser
    group by week_start, group_id
)

select
    voices.group_id, -- group
    voices.week_start, -- week at whose end the group is looked at
    voices.archived_members, -- members who did not refuse archiving
    voices.posters_7d, -- of them, who posted in 7 days
    voices.messages_7d, -- their meaningful messages in 7 days
    voices.messages_28d, -- in 28 days
    voices.replies_28d, -- of those, answers to somebody
    voices.settled_members, -- in the group for 30 days or more
    voices.lurkers, -- of them, without a message in 30 days
    voices.archived_buyers, -- who bought in 30 days
    voices.silent_buyers, -- of them, without a message in 30 days
    cast(coalesce(talks.top3_messages, 0) as bigint)
        as top3_messages, -- messages of the three loudest, 28 days
    cast(coalesce(
        talks.weighted_messages
            + (voices.archived_members - talks.talkers) * voices.messages_28d,
        0
    ) as bigint)
        as weighted_messages -- sum of place x messages in ascending order, for the Gini coefficient
from voices
left join talks on voices.week_start = talks.week_start and voices.group_id = talks.group_id
