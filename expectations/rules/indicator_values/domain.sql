-- title: 指标值在定义域内：不为负，百分率不超过100，分子不超过分母（毛入园率、毛入学率除外）
-- severity: critical
with observed as (
    select
        observed.*,
        indicators.formula_kind = 'decline' as is_decline,
        indicators.unit = '%' and not contains(indicators.name_zh, '毛入') as is_share
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
)

select indicator, region_code, period, population_basis, stratum, numerator, denominator, value
from observed
where coalesce(not isfinite(value), false)
    or coalesce(value < 0 and not is_decline, false)
    or coalesce(numerator < 0 or denominator < 0, false)
    or coalesce(is_share and value > 100, false)
    or coalesce(is_share and not is_decline and numerator > denominator, false)
