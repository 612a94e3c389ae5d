-- title: 每个应比的年度值都有目标进展，且两处的值相同
-- severity: critical
with due as (
    select observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.value
    from marts.indicator_values as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    where observed.stratum = 'all'
        and observed.period_kind in ('year', 'school_year', 'pooled_3_years')
        and cast(left(observed.period, 4) as integer) >= cast(left(indicators.plan, 4) as integer) - 1
        and (observed.region_code = '320000' or indicators.local_target = 'same')
)

select
    coalesce(due.indicator, progress.indicator) as indicator,
    coalesce(due.region_code, progress.region_code) as region_code,
    coalesce(due.period, progress.period) as period,
    coalesce(due.population_basis, progress.population_basis) as population_basis,
    due.value as observed_value,
    progress.value
from due
full join {batch} as progress
    on due.indicator = progress.indicator
        and due.region_code = progress.region_code
        and due.period = progress.period
        and due.population_basis = progress.population_basis
where due.indicator is null or due.value is distinct from progress.value
