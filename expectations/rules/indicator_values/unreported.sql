-- title: 已有数据来源的指标没有缺报或被退回的值
-- severity: warning
select observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.status
from {batch} as observed
semi join marts.indicators as indicators
    on observed.indicator = indicators.indicator and indicators.datasets is not null
where observed.stratum = 'all' and coalesce(observed.status, '') in ('missing', 'rejected')
