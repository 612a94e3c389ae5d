-- one row per region and span of validity, abolished codes and townships included
with divisions as (select * from {{ ref('stg_statistics__divisions') }}),

current_regions as (select * from {{ ref('int_regions') }}),

placed as (
    select
        divisions.*,
        coalesce(regions.city_code, parents.city_code) as city_code,
        coalesce(regions.macro_region_code, parents.macro_region_code) as macro_region
    from divisions
    left join current_regions as regions on divisions.region_code = regions.region_code
    left join current_regions as parents on divisions.parent_code = parents.region_code
)

select
    region_code, valid_from, valid_to, parent_code, city_code, macro_region as macro_region_code, successor_code,
    level, name_zh, unit_type, urban_rural_code, is_eval_unit
from placed
union all
select
    region_code, valid_from, null as valid_to, parent_code, null as city_code, macro_region_code, null as successor_code,
    level, name_zh, unit_type, null as urban_rural_code, false as is_eval_unit
from current_regions
where level = 'macro_region'
