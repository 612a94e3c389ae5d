-- title: 每项指标 × 每个地区 × 每个时期 × 每种口径 × 每个分组都有一行
-- severity: critical
-- three years pooled stand for their last one
with observed as (
    select *, case when period_kind in ('school_year', 'pooled_3_years') then 'year' else period_kind end as cycle
    from {batch}
),

series as (select distinct indicator, population_basis, stratum, cycle from observed),

periods as (select distinct cycle, period from observed),

regions as (
    select region_code, level in ('county', 'zone') as is_low from marts.regions
    where valid_to is null and level in ('province', 'macro_region', 'city', 'county', 'zone')
),

-- the series on the 2010 census end with 2020 (methods.md 1), and are not for counties, some of which were others then
expected as (
    select series.indicator, regions.region_code, periods.period, series.population_basis, series.stratum
    from series
    inner join periods on series.cycle = periods.cycle
    cross join regions
    where series.population_basis <> 'census_2010' or (left(periods.period, 4) <= '2020' and not regions.is_low)
)

select expected.indicator, expected.region_code, expected.period, expected.population_basis, expected.stratum
from expected
anti join observed
    on expected.indicator = observed.indicator
        and expected.region_code = observed.region_code
        and expected.period = observed.period
        and expected.population_basis = observed.population_basis
        and expected.stratum = observed.stratum
union all
select indicators.indicator, null as region_code, null as period, null as population_basis, 'all' as stratum
from marts.indicators as indicators
anti join (select * from observed where stratum = 'all') as observed on indicators.indicator = observed.indicator
