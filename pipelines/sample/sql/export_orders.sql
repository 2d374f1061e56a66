-- Order lines of one file; re-exported orders with their new status.
select o.order_id, line_number, ts(o.t) as ordered_at, ts(paid_t) as paid_at, member_id,
    group_id, o.kind,
    case when f.is_reexport then r.new_status else o.status end as status, product_id, quantity,
        amount,
    discount_amount, cost_amount, refund_of_order_id, campaign_id, channel, leader_id, preorder_id,
    ts(due_t) as due_at, bonus_amount, team_id, ts(team_completed_t) as team_completed_at,
        'CNY' as currency
from order_rows as o
join event_files as f on f.kind = 'order' and f.key_no = order_key(o.order_no, o.order_id)
left join reexports as r on r.order_id = o.order_id
where f.file_no = getvariable('file_no') order by o.t, o.order_id, line_number
