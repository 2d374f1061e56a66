-- One row per team of a group purchase, assist or bargain: who opened it and who came to help.
-- grain: team_id
-- Orders with the team's id placed before the report, cancelled ones and refunds left out. The
-- starter placed the earliest one. Its deadline is the end of the campaign, else 7 days after.
with

lines as (select * from staging.orders),

roles as (select * from core.roles),

waves as (select * from revenue.campaign_waves),

settings as (select * from core.settings),

team_orders as (
    select
        lines.team_id,
        lines.order_id,
        min(lines.ordered_at) as ordered_at,
        max(case when roles.is_counted then lines.member_id end) as member_id,
        max(lines.campaign_id) as campaign_id,
        min(lines.team_completed_at) as completed_at
    from lines
    cross join settings
    left join roles on lines.member_id = roles.member_id
    where lines.team_id is not null
        and lines.kind <> 'refund'
        and coalesce(lines.status, 'paid') <> 'cancelled'
        and lines.ordered_at < settings.report_order_at
    group by lines.team_id, lines.order_id
),

openings as (
    select *
    from team_orders
    qualify row_number() over (partition by team_id order by ordered_at, order_id) = 1
),

placed as (
    select
        openings.team_id,
        openings.member_id as starter_id,
        openings.ordered_at as opened_at,
        openings.campaign_id,
        case when openings.campaign_id is not null then coalesce(waves.wave_number, 1) end
            as wave_number,
        coalesce(waves.over_at, openings.ordered_at + interval 7 day) as deadline_at
    from openings
    left join waves
        on openings.campaign_id = waves.campaign_id
        and openings.ordered_at >= waves.acts_from_at
        and openings.ordered_at < waves.acts_until_at
)

select
    placed.team_id, -- team
    placed.starter_id, -- member who opened it; NULL where unknown or staff
    placed.opened_at, -- when, naive UTC
    placed.campaign_id, -- campaign of the opening order
    placed.wave_number, -- its wave
    placed.deadline_at, -- until when it could be completed, naive UTC
    placed.deadline_at <= max(settings.report_order_at)
        as is_over, -- whether that is before the report
    coalesce(min(team_orders.completed_at) < max(settings.report_order_at), false)
        as is_completed, -- whether it was completed
    count(distinct case when team_orders.member_id <> placed.starter_id
        then team_orders.member_id end)
        as helpers -- other members who joined it
from placed
join team_orders on placed.team_id = team_orders.team_id
cross join settings
group by
    placed.team_id, placed.starter_id, placed.opened_at, placed.campaign_id, placed.wave_number,
    placed.deadline_at
