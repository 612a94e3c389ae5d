-- title: 目标值与全省基期值同指标表一致
-- severity: critical
select
    progress.indicator, progress.region_code, progress.period, progress.population_basis,
    progress.target, indicators.target as target_of_plan, progress.baseline, indicators.baseline as baseline_of_plan
from {batch} as progress
inner join marts.indicators as indicators on progress.indicator = indicators.indicator
where progress.target is distinct from indicators.target
    or (
        progress.region_code = '320000'
        and progress.status <> 'not_applicable'
        and progress.baseline is distinct from case when indicators.baseline_kind = 'exact' then cast(indicators.baseline as double) end
    )
