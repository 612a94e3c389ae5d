-- title: 上次发布中不公布的数这次也不公布（否则两次发布相减可以推算）
-- severity: critical
select was.indicator, was.region_code, was.period, was.population_basis, was.stratum
from previous.marts.indicator_values as was
inner join {batch} as now
    on was.indicator = now.indicator
        and was.region_code = now.region_code
        and was.period = now.period
        and was.population_basis = now.population_basis
        and was.stratum = now.stratum
where was.status = 'suppressed' and coalesce(now.numerator, now.denominator, now.value) is not null
