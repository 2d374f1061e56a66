-- Upper end of the Wilson 95 % interval of a share; NULL where there is nothing to divide by.
-- Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212, with z = 1.959964.
create or replace macro explore.wilson_high(hits, n) as
    case when hits = n and n > 0 then 1.0 when n > 0 then least(1.0,
        (hits / n + 1.9207294 / n + 1.959964 * sqrt(
            greatest(0.0, hits / n * (1 - hits / n)) / n + 0.9603647 / n / n))
        / (1 + 3.8414589 / n)) end
