-- One row per model and parameter: what the fits of lifetime value found.
-- grain: model, parameter
-- python: lifetime_value.parameter_columns
-- MBG/NBD (used), BG/NBD (for comparison) and Gamma-Gamma, by maximum likelihood over revenue.rfm,
-- time in days. This select gives the rows; value, standard_error, log_likelihood and reason are
-- filled in by pipelines/lifetime_value.py. Nothing is fitted below lifetime_min_repeat_buyers.
with

rfm as (select * from revenue.rfm),

settings as (select * from core.settings),

names as (
    select 'mbg_nbd' as model, unnest(['r', 'alpha', 'a', 'b']) as parameter
    union all
    select 'bg_nbd' as model, unnest(['r', 'alpha', 'a', 'b']) as parameter
    union all
    select 'gamma_gamma' as model, unnest(['p', 'q', 'gamma']) as parameter
),

counted as (
    select
        count(*) as buyers,
        count(case when clv_frequency > 0 then 1 end) as repeat_buyers,
        count(case when clv_frequency > 0 and clv_monetary > 0 then 1 end) as paying_repeat_buyers
    from rfm
)

select
    names.model, -- mbg_nbd, bg_nbd or gamma_gamma
    names.parameter, -- r, alpha, a, b; or p, q, gamma
    cast(null as double) as value, -- maximum of the likelihood; NULL with a reason
    cast(null as double) as standard_error, -- of the value, from the inverse Hessian
    cast(null as double) as log_likelihood, -- of the model at its maximum
    case when names.model = 'gamma_gamma' then counted.paying_repeat_buyers else counted.buyers end
        as buyers, -- buyers the model is fitted to
    counted.repeat_buyers, -- buyers with a second purchase day
    counted.repeat_buyers >= settings.lifetime_min_repeat_buyers
        as is_shown, -- whether there are enough repeat buyers
    case
        when settings.watermark_order_at is null then 'no_order_export'
        when counted.repeat_buyers < settings.lifetime_min_repeat_buyers then 'few_repeat_buyers'
    end as reason -- why there is no value; not_converged when no maximum was found
from names
cross join counted
cross join settings
