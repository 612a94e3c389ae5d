-- title: 细分的键（指标、口径、分组、地区、时期、人口口径）不重复
-- severity: critical
select indicator, detail, stratum, region_code, period, population_basis, count(*) as times
from {batch}
group by indicator, detail, stratum, region_code, period, population_basis
having count(*) > 1
