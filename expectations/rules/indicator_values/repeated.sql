-- title: 县级分子分母不与上年完全相同（疑似照抄上年）
-- severity: warning
select
    later.indicator, later.region_code, later.period, later.population_basis, later.stratum,
    later.numerator, later.denominator
from {batch} as later
inner join {batch} as earlier
    on later.indicator = earlier.indicator
        and later.region_code = earlier.region_code
        and later.population_basis = earlier.population_basis
        and later.stratum = earlier.stratum
        and later.period_kind = earlier.period_kind
        and try_cast(later.period as integer) = try_cast(earlier.period as integer) + 1
        and later.numerator = earlier.numerator
        and later.denominator = earlier.denominator
semi join marts.indicators as indicators
    on later.indicator = indicators.indicator and indicators.formula_kind = 'ratio'
semi join marts.regions as regions
    on later.region_code = regions.region_code and regions.valid_to is null and regions.level = 'county'
-- rates of a few repeat by chance
where later.stratum = 'all' and later.numerator > 0 and later.denominator >= 1000
