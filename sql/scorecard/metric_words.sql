-- One row per metric of the first page: its words in both languages.
-- grain: metric
-- The same as in the report, for the sentences of scorecard.alerts; a test compares them.
with

words as (
    select 'new_members' as metric, 'New members' as label_en,
        '新增成员(首次入群)' as label_zh, 'count' as unit, 'acquisition' as page
    union all
    select 'net_members', 'Net growth',
        '净增', 'count', 'acquisition'
    union all
    select 'exit_rate', 'Exit rate',
        '退群率', 'rate', 'acquisition'
    union all
    select 'activated_7d_rate', '7-day activation rate',
        '7 日激活率', 'rate', 'activation'
    union all
    select 'first_order_7d_rate', 'First-order rate, 7 days',
        '新客首单转化率(7 天)', 'rate', 'activation'
    union all
    select 'first_order_30d_rate', 'First-order rate, 30 days',
        '新客首单转化率(30 天)', 'rate', 'activation'
    union all
    select 'retention_week4', 'Week-4 active retention',
        '第 4 周活跃留存率', 'rate', 'retention'
    union all
    select 'participation_rate', 'Participation rate',
        '发言率(周)', 'rate', 'groups'
    union all
    select 'lurker_rate', 'Share of lurkers',
        '潜水成员占比', 'rate', 'groups'
    union all
    select 'dau_wau', 'Stickiness (DAU/WAU)',
        '活跃粘性 (DAU/WAU)', 'ratio', 'retention'
    union all
    select 'stay_30d_rate', 'In-group stay, 30 days',
        '在群留存率(30 天)', 'rate', 'retention'
    union all
    select 'gmv', 'GMV',
        '支付金额 (GMV)', 'money', 'revenue'
    union all
    select 'margin', 'Gross margin',
        '毛利', 'money', 'revenue'
    union all
    select 'net_revenue', 'Net revenue',
        '净销售额(扣退款)', 'money', 'revenue'
    union all
    select 'buyers', 'Buyers',
        '购买人数', 'count', 'revenue'
    union all
    select 'average_order_value', 'Average order value',
        '笔单价', 'price', 'revenue'
    union all
    select 'spend_per_buyer', 'Spend per buyer',
        '客单价', 'price', 'revenue'
    union all
    select 'repurchase_90d_rate', 'Repurchase rate, 90 days',
        '复购率(首购后 90 天)', 'rate', 'revenue'
    union all
    select 'link_coverage', 'Customer link coverage',
        '客户入群覆盖率', 'rate', 'revenue'
    union all
    select 'invites_per_active', 'Invites per weekly active',
        '人均邀请(周活跃)', 'factor', 'referral'
    union all
    select 'k_factor', 'K-factor (weekly)',
        'K 值(周)', 'factor', 'referral'
    union all
    select 'healthy_groups', 'Healthy groups',
        '健康群', 'count', 'groups'
    union all
    select 'dying_or_dead_groups', 'Dying or dead groups',
        '低活跃与沉寂群', 'count', 'groups'
)

select
    metric, -- key of the metric
    label_en, -- name in English
    label_zh, -- name in Chinese
    unit, -- count, rate, ratio, money, price or factor
    page -- page of the report that shows it
from words
