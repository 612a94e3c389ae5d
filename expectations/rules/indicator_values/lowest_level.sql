-- title: 低于最低公布层级的为不适用且没有数，其他地区只在没有对象人口（或人年数、死亡数、年数过少）时为不适用
-- severity: critical
with levels (level, depth) as (
    values ('province', 1), ('macro_region', 2), ('city', 3), ('county', 4), ('zone', 4)
),

placed as (
    select
        observed.*,
        own.depth > lowest.depth as is_below,
        coalesce(observed.status, '') = 'not_applicable' as is_not_applicable,
        contains(coalesce(observed.flags, ''), 'no_population') as has_no_population,
        regexp_matches(coalesce(observed.flags, ''), 'few_(person_years|deaths|years)') as has_few
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    inner join marts.regions as regions on observed.region_code = regions.region_code and regions.valid_to is null
    inner join levels as own on regions.level = own.level
    inner join levels as lowest on indicators.lowest_level = lowest.level
)

select indicator, region_code, period, population_basis, stratum, status, flags, numerator, denominator, value
from placed
where (is_below and (not is_not_applicable or coalesce(numerator, denominator, value) is not null))
    or (not is_below and is_not_applicable and not has_no_population and not has_few)
    or (has_no_population and (denominator is distinct from 0 or value is not null))
