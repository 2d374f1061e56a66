-- 180 products; product 1 sells most (Zipf), so that 4 of them make about a third of the sales.
create table products as
select
    i::int as product_no,
    'p' || padded(i, 3) as product_id,
    case
        when i in (9, 25, 60) then 4.90
        when i <= 12 then pick([18.9, 20.9, 16.9, 21.9, 17.9, 22.9, 15.9, 24.9], (i - 1) % 8 / 8.0)
        else greatest(6, round(exp(2.95 + 0.68 * z('price', i, 0)))) - 0.1
    end::decimal(18, 2) as price,
    0.55 + 0.14 * u('cost', i, 0) as cost_ratio,
    u('cost_known', i, 0) >= 0.10 or i <= 8 as is_cost_known,
    i in (9, 25, 60) as is_entry,
    (i * 5 + floor(i / 3)::int) % 8 as category_no,
    case when i % 23 = 7 then plan_t(6) + floor(12 * 604800 * u('launch', i, 0))::bigint end
        as launch_t,
    round(case when i in (9, 25, 60) then 4.90 else 10 end * 0, 2) as unused,
from range(1, 181) as n(i);
alter table products drop column unused;
alter table products add column product_name varchar;
alter table products add column category varchar;
update products set
    category = pick(['坚果零食', '水果生鲜', '烘焙', '家清', '护肤', '母婴', '宠物', 'Coffee & tea'], category_no
        / 8.0),
    product_name = pick(['云上', '山野', '小满', '晨光', 'Maple', '半日', '北岸', '青禾'],
        u('brand', product_no, 0))
        || case category_no
            when 0 then pick(['每日坚果', '脆冻干', '海苔卷'], u('thing', product_no, 0))
            when 1 then pick(['蓝莓', '脐橙', '小番茄'], u('thing', product_no, 0))
            when 2 then pick(['吐司', '黄油饼干', '蛋糕卷'], u('thing', product_no, 0))
            when 3 then pick(['洗衣凝珠', '厨房纸', '垃圾袋'], u('thing', product_no, 0))
            when 4 then pick(['洁面乳', '面膜', '护手霜'], u('thing', product_no, 0))
            when 5 then pick(['湿巾', '辅食泥', '儿童牙膏'], u('thing', product_no, 0))
            when 6 then pick(['猫砂', '冻干猫粮', '磨牙棒'], u('thing', product_no, 0))
            else pick([' drip coffee', ' oolong', ' cold brew'], u('thing', product_no, 0))
        end || ' ' || product_no;

set variable product_list = (
    select list(product_no order by product_no, k)
    from (select product_no, unnest(range(round(2000 / product_no / 5.77)::int)) as k from products)
);
create macro product_of(x) as pick(getvariable('product_list')::int[], x);
