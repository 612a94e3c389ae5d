-- title: 指标值的指标在指标表、地区在在用地区之内
-- severity: critical
select observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.stratum
from {batch} as observed
left join marts.indicators as indicators on observed.indicator = indicators.indicator
left join marts.regions as regions on observed.region_code = regions.region_code and regions.valid_to is null
where indicators.indicator is null or regions.region_code is null
