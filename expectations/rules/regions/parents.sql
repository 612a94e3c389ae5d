-- title: 在用地区的上级存在、在用、级别正确，所属市与区域一致
-- severity: critical
with regions as (select * from {batch} where valid_to is null),

pairs (level, parent_level) as (
    values
    ('macro_region', 'province'), ('city', 'province'), ('county', 'city'), ('zone', 'city'),
    ('township', 'county'), ('township', 'zone')
)

select regions.region_code, regions.level, regions.parent_code, regions.city_code, regions.macro_region_code
from regions
left join regions as parents on regions.parent_code = parents.region_code
left join pairs on regions.level = pairs.level and parents.level = pairs.parent_level
where (pairs.level is null and regions.level <> 'province')
    or (regions.level in ('county', 'zone') and regions.city_code is distinct from regions.parent_code)
    or (regions.level in ('county', 'zone') and regions.macro_region_code is distinct from parents.macro_region_code)
    or (
        regions.level in ('city', 'county', 'zone')
        and coalesce(regions.macro_region_code, '') not in ('south', 'central', 'north')
    )
