-- title: 比率等于本级分子除以本级分母，同一指标只有一个倍数（不是下级比率的平均）
-- severity: critical
with observed as (
    select
        observed.*,
        indicators.unit,
        observed.value * cast(observed.denominator as double) / cast(nullif(observed.numerator, 0) as double) as factor
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    where indicators.formula_kind in ('ratio', 'mean', 'area_share', 'precision') and observed.value is not null
),

usual as (select indicator, median(factor) as factor from observed group by indicator)

select
    observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.stratum,
    observed.numerator, observed.denominator, observed.value, usual.factor
from observed
inner join usual on observed.indicator = usual.indicator
where observed.numerator is null
    or coalesce(observed.denominator, 0) <= 0
    or coalesce(observed.numerator = 0 and observed.value <> 0, false)
    or coalesce(abs(observed.factor / usual.factor - 1) > 1e-9, false)
    or coalesce(observed.unit = '%' and abs(usual.factor - 100) > 1e-7, false)
