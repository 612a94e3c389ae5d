-- title: 全省2020年的值与规划印的基期值相符（按所印小数位）
-- severity: warning
select
    observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.stratum,
    observed.value, indicators.baseline
from {batch} as observed
inner join marts.indicators as indicators on observed.indicator = indicators.indicator
where observed.region_code = '320000'
    and observed.stratum = 'all'
    and cast(left(observed.period, 4) as integer) = cast(left(indicators.plan, 4) as integer) - 1
    and observed.period_kind in ('year', 'school_year')
    -- what the plan prints is on the 2020 census (表1注2)
    and observed.population_basis <> 'census_2010'
    and indicators.baseline_kind = 'exact'
    and coalesce(
        abs(observed.value - indicators.baseline) > 0.5 * power(10.0, -indicators.printed_baseline_decimals) + 1e-9,
        false
    )
