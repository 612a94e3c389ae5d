-- title: 已有来源的指标没有缺报或被退回的值
-- severity: warning
with observed as (select * from {batch} where stratum = 'all'),

-- an indicator that nobody ever reported has no source yet
sourced as (select distinct indicator from observed where status = 'reported')

select observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.status
from observed
semi join sourced on observed.indicator = sourced.indicator
where coalesce(observed.status, '') in ('missing', 'rejected')
