-- title: 六普、七普口径不混用：有人口口径的指标没有无口径的值，六普口径止于2020年、不到县级
-- severity: critical
with counted as (
    select indicator, bool_or(population_basis in ('census_2010', 'census_2020')) as has_basis
    from {batch}
    group by indicator
)

select observed.indicator, observed.period, observed.population_basis, count(*) as cells
from {batch} as observed
inner join counted on observed.indicator = counted.indicator
left join marts.regions as regions on observed.region_code = regions.region_code and regions.valid_to is null
where (observed.population_basis = 'none' and counted.has_basis)
    or (observed.population_basis = 'census_2010' and (left(observed.period, 4) > '2020' or regions.level in ('county', 'zone')))
group by observed.indicator, observed.period, observed.population_basis
