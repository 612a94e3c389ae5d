-- title: 目标进展的键（指标、地区、时期、口径）不重复
-- severity: critical
select indicator, region_code, period, population_basis, count(*) as times
from {batch}
group by indicator, region_code, period, population_basis
having count(*) > 1
