-- One row per buyer: what they are expected to buy from the report on.
-- grain: member_id
-- python: lifetime_value.value_columns
-- MBG/NBD for purchase days and Gamma-Gamma for their amounts, with the parameters of
-- revenue.lifetime_value_parameters; undiscounted net revenue, before cost. This select gives the
-- rows; the three expectations are filled in by pipelines/lifetime_value.py.
with

rfm as (select * from revenue.rfm),

parameters as (select * from revenue.lifetime_value_parameters),

fits as (
    select
        bool_and(is_shown) as is_shown,
        min(reason) as reason
    from parameters
    where model in ('mbg_nbd', 'gamma_gamma')
)

select
    rfm.member_id, -- buyer
    cast(null as double) as expected_purchases_90d, -- purchase days in the 90 days after the report
    cast(null as double) as expected_value_365d, -- net revenue of the 365 days after it
    cast(null as double) as probability_alive, -- chance that the buyer has not stopped
    fits.is_shown, -- whether there are enough repeat buyers
    fits.reason -- why there is no value
from rfm
cross join fits
