-- Probability of a standard normal value at least as far from 0 as z; error below 1.5e-7.
-- Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26, for erfc(|z| / sqrt 2).
create or replace macro explore.two_sided_p(z) as
    exp(-z * z / 2)
    * (0.254829592 + (-0.284496736 + (1.421413741 + (-1.453152027
        + 1.061405429
        / (1 + 0.3275911 * abs(z) / sqrt(2.0))) / (1 + 0.3275911 * abs(z) / sqrt(2.0)))
        / (1 + 0.3275911 * abs(z) / sqrt(2.0))) / (1 + 0.3275911 * abs(z) / sqrt(2.0)))
    / (1 + 0.3275911 * abs(z) / sqrt(2.0))
