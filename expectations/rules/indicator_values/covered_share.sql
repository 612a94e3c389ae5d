-- title: 已报份额在0与1之间，不满1的值标为不完整
-- severity: critical
select indicator, region_code, period, population_basis, stratum, status, flags, covered_share
from {batch}
where coalesce(covered_share not between 0 and 1, false)
    or contains(coalesce(flags, ''), 'partial') <> (value is not null and coalesce(covered_share < 1, false))
