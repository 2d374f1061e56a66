-- Messages of one file.
select message_id, group_id, member_id, occurred_at, role, kind, text_length,
    nullif(is_question, false) as is_question, nullif(is_emoji_only, false) as is_emoji_only,
        subject, tag,
    reply_to_message_id, mentions, revoked_at, campaign_id, product_id, topic, amount, claimed_by
from file_rows order by t, message_no
