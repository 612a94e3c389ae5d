-- title: 细分的值有限、不为负，在置信区间之内；地区在在用地区之内
-- severity: critical
select details.indicator, details.detail, details.stratum, details.region_code, details.period, details.value
from {batch} as details
left join marts.regions as regions on details.region_code = regions.region_code and regions.valid_to is null
where regions.region_code is null
    or coalesce(not isfinite(details.value) or details.value < 0, true)
    or coalesce(details.value not between details.value_lower and details.value_upper, false)
