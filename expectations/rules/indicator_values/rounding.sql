-- title: 公布值是原值按公布小数位四舍五入（远离零）
-- severity: critical
with observed as (
    select observed.*, indicators.published_decimals, cast(power(10, indicators.published_decimals) as integer) as scale
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    where isfinite(observed.value)
)

-- whole units of the last published digit, counted in decimals: the double nearest to 0.15 lies below it
select indicator, region_code, period, population_basis, stratum, value, value_rounded, published_decimals
from observed
where value_rounded is distinct from cast(
    sign(value) * floor(abs(cast(value as decimal(28, 10))) * scale + 0.5) / scale as decimal(18, 4)
)
