-- title: 状态为已报的有值，其他状态没有值，被抑制的连分子分母也没有
-- severity: critical
select indicator, region_code, period, population_basis, stratum, status, numerator, denominator, value, value_rounded
from {batch}
where (coalesce(status, '') = 'reported') <> (value is not null)
    or (value is null) <> (value_rounded is null)
    or (coalesce(status, '') = 'suppressed' and (numerator is not null or denominator is not null))
