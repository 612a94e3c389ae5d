-- title: 实现程度在0至100之间、由未封顶的截得；没有值就没有实现程度和差距
-- severity: critical
select indicator, region_code, period, population_basis, status, value, shortfall, attainment, attainment_uncapped
from {batch}
where coalesce(attainment not between 0 and 100, false)
    or (attainment is null) <> (attainment_uncapped is null)
    or coalesce(attainment <> least(attainment_uncapped, 100), false)
    or coalesce(shortfall < 0, false)
    or (value is null and coalesce(attainment, attainment_uncapped, shortfall) is not null)
