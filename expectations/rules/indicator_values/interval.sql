-- title: 置信区间两端都有或都没有，且包含指标值
-- severity: critical
select indicator, region_code, period, population_basis, stratum, value, value_lower, value_upper
from {batch}
where (value_lower is null) <> (value_upper is null)
    or (value_lower is not null and value is null)
    or coalesce(value not between value_lower and value_upper, false)
