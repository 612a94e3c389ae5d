-- title: 每项指标 × 每个地区 × 每个时期 × 每种口径都有一行
-- severity: critical
with series as (select distinct indicator, population_basis, period_kind from {batch}),

periods as (select distinct period_kind, period from {batch}),

regions as (
    select region_code from marts.regions
    where valid_to is null and level in ('province', 'macro_region', 'city', 'county', 'zone')
),

observed as (select * from {batch} where stratum = 'all'),

-- the series on the 2010 census end with 2020 (methods.md 1)
expected as (
    select series.indicator, regions.region_code, periods.period, series.population_basis
    from series
    inner join periods on series.period_kind = periods.period_kind
    cross join regions
    where not (series.population_basis = 'census_2010' and left(periods.period, 4) > '2020')
)

select expected.indicator, expected.region_code, expected.period, expected.population_basis
from expected
anti join observed
    on expected.indicator = observed.indicator
        and expected.region_code = observed.region_code
        and expected.period = observed.period
        and expected.population_basis = observed.population_basis
union all
select indicators.indicator, null as region_code, null as period, null as population_basis
from marts.indicators as indicators
anti join observed on indicators.indicator = observed.indicator
