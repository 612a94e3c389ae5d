-- title: 指标值在定义域内：不为负（下降率、精准率除外），百分率不超过100，分子不超过分母（毛率除外）
-- severity: critical
with observed as (
    select
        observed.*,
        indicators.formula_kind in ('decline', 'precision') as is_signed,
        indicators.unit = '%' and not indicators.is_gross as is_share
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
)

select indicator, region_code, period, population_basis, stratum, numerator, denominator, value
from observed
where coalesce(not isfinite(value), false)
    or coalesce(value < 0 and not is_signed, false)
    or coalesce((numerator < 0 and not is_signed) or denominator < 0, false)
    or coalesce(is_share and value > 100, false)
    or coalesce(is_share and numerator > denominator, false)
