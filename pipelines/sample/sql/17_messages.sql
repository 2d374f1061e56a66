-- The messages of one file: the bursts of its days (and of the day before, for late answers),
-- expanded.
create or replace temp table expanded as
with due as (
    select
        b.*,
        case when origin in ('chat', 'alt', 'bot')
            or (origin = 'staff' and getvariable('message_factor') <> 1)
            then greatest(1, floor(n * getvariable('message_factor')
                + u('factor', burst_no, 0)))::bigint
            else n end as messages,
    from bursts as b
    where is_exported and day between getvariable('from_day')::int - 1
        and getvariable('to_day')::int
),
repeated as (
    select due.*, unnest(range(messages)) as k
    from due
),
timed as (
    select
        burst_no, k, g, author, origin, lever, product_no, campaign_no, amount, post_no,
        case when k = 0 then t else t + 1 + floor(
            u('offset', burst_no, k)
                * least(until_t - t - 1, case when origin = 'staff' then 600 else 1500 end + 20
                * messages)
        )::bigint end as t,
        u('kind', burst_no, k) as x,
        u('about', burst_no, k) as y,
        u('form', burst_no, k) as f,
        u('length', burst_no, k) as v,
    from repeated
),
kinds as (
    select
        *,
        case origin
            when 'chat' then case
                when k = 0 and x < 0.9 then 'text' when k = 0 then 'image'
                when x < 0.84 then 'text' when x < 0.92 then 'image' when x < 0.95 then 'voice'
                when x < 0.97 then 'sticker' when x < 0.99 then 'link' else 'video' end
            when 'packet' then 'red_packet'
            when 'tap' then 'mini_program'
            when 'chain' then 'order_chain'
            when 'checkin' then 'checkin'
            when 'ad' then 'link'
            when 'bot' then 'note'
            else case when k > 0 then 'text' else case lever
                when 'product' then case when x < 0.5 then 'link' else 'text' end
                when 'notice' then 'text' when 'video' then 'video' when 'image'
                    then 'image' when 'link' then 'link'
                when 'mini_program' then 'mini_program' when 'checkin'
                    then 'checkin' else 'text' end end
        end as kind,
    from timed
    where t < getvariable('end_t')
)
select
    burst_no,
    k,
    g,
    author,
    t,
    origin,
    kind,
    post_no,
    amount,
    campaign_no,
    coalesce(product_no, case when origin = 'chat' and y between 0.010 and 0.028 then product_of(f)
        end) as product_no,
    case when kind = 'text' then 1
        + least(400, floor(exp(2.4 + 0.9 * sqrt(-2 * ln(v)) * cos(6.283185307 * f))))::int
        end as text_length,
    kind = 'text' and origin = 'chat' and y > 0.03 and y < 0.03 + 0.165 as is_question,
    kind = 'text' and origin = 'chat' and k > 0 and y > 0.93 as is_emoji_only,
    case origin
        when 'chat' then case when y < 0.010 then 'ad' when y < 0.028
            then 'testimonial' when y < 0.030 then 'complaint'
            else 'chat' end
        when 'staff' then case when k > 0 then 'service' else case lever when 'product' then 'promo'
            when 'mini_program' then 'promo' when 'notice' then 'notice' else 'content' end end
        when 'push' then 'promo' when 'packet' then 'promo' when 'ad' then 'ad' when 'bot'
            then 'notice'
        when 'complaint' then 'complaint'
        when 'kol' then case lever when 'product' then 'testimonial' else 'content' end
        else 'chat' end as topic,
    case when k = 0 and origin in ('staff', 'kol')
        and lever in ('image', 'video', 'link', 'notice') then
        pick(['useful', 'useful', 'fun', 'feeling', 'benefit'], y) end as tag,
    case when origin = 'chat' and k > 0 and x between 0.40
        and 0.408 then t + 5 + floor(100 * v)::bigint end as revoked_t,
    f,
from kinds;

create or replace temp table answers as
with asked as (
    select
        e.*, gr.block, gr.owner, gr.slot, gr.closes_t, gr.has_gap_week, gr.lacks_last_week,
        60 * 5.8 * 4 ** ((owner - 1) / 8.0) * exp(z('delay', burst_no, k))
            * case when is_on_leave(owner, t) then 4 else 1 end as delay,
        t % 86400 between 32400 and 75599 as is_daytime,
    from expanded as e
    join groups as gr using (g)
    where is_question and author > 0 and u('answered', burst_no, k) < 0.86
),
timed as (
    select
        * replace (
            (case when is_daytime then t else ((t + 3 * 3600) // 86400) * 86400 + 32400 end + 20
                + least(delay, 80000))::bigint as t
        ),
        t as asked_t,
    from asked
)
select *
from timed
where t < least(getvariable('end_t'), coalesce(closes_t, 9e15::bigint))
    and not (has_gap_week and plan_week(t) = 12)
    and not (lacks_last_week and t >= getvariable('end_t') - 604800);

create or replace temp table messages as
with both_kinds as (
    select
        burst_no * 1000000 + k as message_no,
        'm' || burst_no || '.' || k as message_id,
        g, author, t, origin, kind, text_length, is_question, is_emoji_only, topic, tag,
            revoked_t, campaign_no,
        product_no, amount, post_no, null::varchar as answers, null::bigint as answers_author, f,
        null::bigint as asked_t,
    from expanded
    union all
    select
        -(burst_no * 1000000 + k), 'r' || burst_no || '.' || k, g,
        case when u('answers', burst_no, k) < 0.55 then owner_at(block, owner, t)
            else staff_of(block, 10 + slot % 36) end,
        t, 'reply', 'text', 4 + floor(40 * f)::int, false, false, 'service', null, null, null,
            null, null, null,
        'm' || burst_no || '.' || k, author, f, asked_t,
    from answers
),
placed as (
    select
        *,
        lag(message_id) over turn as before_id,
        lag(author) over turn as before_author,
        lag(t) over turn as before_t,
    from both_kinds
    window turn as (partition by g order by t, message_no)
)
select
    message_no, message_id, g, author, t, origin, kind, text_length, is_question, is_emoji_only,
        topic, tag, revoked_t,
    campaign_no, product_no, amount, post_no, asked_t,
    case when origin in ('chat', 'answer') and not is_question and f < 0.30
        and before_author <> author
        and t - before_t < 7200 then before_id else answers end as reply_to,
    case when origin in ('chat', 'answer') and not is_question and f < 0.10
        and before_author <> author
        and t - before_t < 7200 then before_author
        when answers is not null and f < 0.4 then answers_author end as mentions_author,
    f,
from placed
where t >= getvariable('from_day')::bigint * 86400
    and t < (getvariable('to_day')::bigint + 1) * 86400;

-- what is counted for the truth
insert into author_days
select
    (t // 86400)::int, g, author, count(*),
    count(*) filter (where kind in ('text', 'image', 'video', 'voice', 'link', 'file', 'note',
        'poll', 'order_chain') and not is_emoji_only and revoked_t is null),
    count(*) filter (where kind = 'checkin'), count(*) filter (where kind = 'mini_program'),
    count(*) filter (where is_question),
from messages
group by all;
insert into author_hours
select
    t // 3600,
    g,
    author,
    case when kind = 'checkin' then 'checkin' when kind = 'mini_program'
        then 'tap' else 'post' end as what,
    min(t),
from messages
where author > 0 and (
    kind in ('checkin', 'mini_program')
    or (kind in ('text', 'image', 'video', 'voice', 'link', 'file', 'note', 'poll', 'order_chain')
        and not is_emoji_only and revoked_t is null)
)
group by all;
insert into answer_times
select asked_t, t - asked_t from messages where asked_t is not null;

-- as exported
create or replace temp view rows_of_file as
select
    message_no,
    message_id,
    gr.group_id,
    a.member_id,
    ts(m.t) as occurred_at,
    m.t,
    a.role,
    m.kind,
    m.text_length,
    m.is_question,
    m.is_emoji_only,
    case when m.origin = 'chat' and gr.group_type = 'interest' and m.f between 0.3 and 0.7
        then case when m.f < 0.58 then gr.topic else 'everyday' end end as subject,
    m.tag,
    m.reply_to as reply_to_message_id,
    men.member_id as mentions,
    ts(m.revoked_t) as revoked_at,
    c.campaign_id,
    p.product_id,
    m.topic,
    m.amount,
    cl.claimed_by,
from messages as m
join groups as gr using (g)
join authors as a using (author)
left join authors as men on men.author = m.mentions_author
left join campaigns as c using (campaign_no)
left join products as p using (product_no)
left join claims as cl on cl.post_no = m.post_no and m.kind = 'red_packet';
