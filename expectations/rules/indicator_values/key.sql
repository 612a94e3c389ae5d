-- title: 指标值的键（指标、地区、时期、口径、分组）不重复
-- severity: critical
select indicator, region_code, period, population_basis, stratum, count(*) as times
from {batch}
group by indicator, region_code, period, population_basis, stratum
having count(*) > 1
