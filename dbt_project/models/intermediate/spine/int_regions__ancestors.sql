-- one row per county or zone and region that it adds up to: itself, its city, its macro-region, the province
with units as (
    select * from {{ ref('int_regions') }} where level in ('county', 'zone')
)

select region_code, region_code as ancestor_code from units
union all
select region_code, city_code as ancestor_code from units
union all
select region_code, macro_region_code as ancestor_code from units
union all
select region_code, '320000' as ancestor_code from units
