-- Truth: the planted lists, the states of the groups, the weeks, the faults.
-- Each query is one entry; [] gives a list, {} a table of names and values.

-- lists.dead_groups []
select group_id from groups where special = 'dead' order by 1;

-- lists.dying_groups []
select group_id from groups where special = 'dying' order by 1;

-- lists.quiet_sellers []
select group_id from groups where special = 'quiet_seller' order by 1;

-- lists.quiet_but_buying []
select group_id from groups where special = 'quiet_buyer' order by 1;

-- lists.unknown_groups []
select group_id from groups where is_never_archived or lacks_last_week order by 1;

-- lists.groups_with_a_gap_week []
select group_id from groups where has_gap_week order by 1;

-- lists.never_archived_groups []
select group_id from groups where is_never_archived order by 1;

-- lists.over_capacity []
select group_id from true_groups where members >= 450 order by 1;

-- lists.over_promoted_groups []
select group_id from groups where is_over_promoted order by 1;

-- lists.plain_wechat_groups []
select group_id from groups where is_plain_wechat order by 1;

-- lists.flash_groups []
select group_id from groups where special = 'flash' order by 1;

-- lists.merged_groups []
select group_id from groups where special = 'merged' order by 1;

-- lists.groups_with_packet_claims []
select group_id from groups where has_claims order by 1;

-- lists.complaint_groups []
select distinct group_id from complaints join groups using (g) order by 1;

-- lists.kols []
select member_id from kols join people using (person) order by 1;

-- lists.farmers []
select member_id from farmers join people using (person) order by 1;

-- lists.chain []
select member_id from chain join people on people.person in (chain.inviter, chain.invitee) group by
    member_id order by min(place + (people.person = chain.invitee)::int);

-- lists.refusers []
select member_id from people where refuses order by 1;

-- lists.alts []
select member_id from authors where role = 'alt' order by 1;

-- lists.self_inviters []
select distinct member_id from invite_rows join people on person = inviter where invite_rows.origin
    = 'self' order by 1;

-- lists.refunded_by_status_only []
select order_id from reexports where new_status = 'refunded'
    and old_status <> 'refunded' order by 1;

-- group_states {}
select group_id, {'state': state, 'members': members, 'member_messages_14d': member_messages_14d,
    'paid_orders_14d': paid_orders_14d, 'posters_7d': posters_7d, 'buyers_30d': buyers_30d} from
    true_groups order by g;

-- weeks {}
with w as (select w::int as w from range(getvariable('weeks')::int) as n(w)),
ends as (
    select w, (select count(*) from seats where t < (w + 1) * 604800
        and (end_t > (w + 1) * 604800 or end_t = end_t())) as seats,
        (select count(distinct person) from seats where t < (w + 1) * 604800
            and (end_t > (w + 1) * 604800 or end_t = end_t())) as unique_members
    from w
)
select strftime(day_of(w * 604800), '%G-W%V'), {
    'new_members': (select count(*) from true_cohorts where week = w),
    'group_exits': (select count(*) from seats where is_exit(exit_kind) and week_of(end_t) = w),
    'members_lost': (select count(*) from true_spells where is_exit(exit_kind) and end_t < end_t()
        and week_of(end_t) = w),
    'seats_at_end': seats, 'unique_members_at_end': unique_members,
    'active_members': (select count(distinct person) from true_activity where t >= 0 and week_of(t)
        = w),
    'member_messages': (select coalesce(sum(messages), 0) from author_days where author > 0 and day
        // 7 = w),
    'paid_orders': (select count(*) from true_orders where week_of(paid_t) = w),
    'gmv': (select coalesce(sum(amount)
        - coalesce(sum(bonus_amount) filter (where kind = 'balance_spend'), 0), 0) from order_rows
        where kind not in ('refund', 'recharge') and week_of(paid_t) = w)::varchar,
    'refunds_by_row': (select coalesce(sum(amount), 0) from order_rows where kind = 'refund'
        and week_of(paid_t) = w)::varchar}
from ends order by w;

-- faults.joins
select {'late_rows': count(*) filter (where is_late), 'repeated_rows': count(*)
    filter (where is_repeat),
    'reexported_rows': count(*) filter (where is_reexport), 'rows_written': count(*)}
from event_files as f  where f.kind = 'join';

-- faults.invites
select {'late_rows': count(*) filter (where is_late), 'repeated_rows': count(*)
    filter (where is_repeat),
    'reexported_rows': count(*) filter (where is_reexport), 'rows_written': count(*)}
from event_files as f  where f.kind = 'invite';

-- faults.orders
select {'late_rows': count(*) filter (where is_late), 'repeated_rows': count(*)
    filter (where is_repeat),
    'reexported_rows': count(*) filter (where is_reexport), 'rows_written': count(*)}
from event_files as f join order_rows as o on order_key(o.order_no, o.order_id) = f.key_no where
    f.kind = 'order';

-- faults.messages
select {'late_rows': sum(late), 'repeated_rows': sum(repeats), 'reexported_rows': 0, 'rows_written':
    sum(written)}
from message_faults;

-- faults.reexported_orders
select count(*) from reexports;

-- faults.reexported_with_changed_status
select count(*) from reexports where new_status <> old_status;

-- faults.refunded_by_status_only
select count(*) from reexports where new_status = 'refunded' and old_status <> 'refunded';

-- faults.platform_messages_apart_on
select max(day)::varchar from platform_stats
where day = getvariable('start_ts')::date + (getvariable('weeks')::int * 7 - 10);

-- faults.platform_messages_that_day
select value::bigint from platform_stats where metric = 'messages' and day =
    getvariable('start_ts')::date + (getvariable('weeks')::int * 7 - 10);

-- faults.own_messages_that_day
select sum(messages) from author_days where day = getvariable('weeks')::int * 7 - 10;

-- faults.joins_without_scene
select count(*) from join_rows where action = 'join' and scene is null and author > 0;
