-- one row per region that values are expected for: the province, macro-regions, and its cities, counties and zones of today
with divisions as (
    select * from {{ ref('stg_statistics__divisions') }} where valid_to is null and level <> 'township'
),

cities as (select * from divisions where level = 'city'),

macro_regions (region_code, name_zh) as (values ('south', '苏南'), ('central', '苏中'), ('north', '苏北'))

select
    divisions.region_code,
    divisions.valid_from,
    divisions.parent_code,
    case when divisions.level = 'city' then divisions.region_code else cities.region_code end as city_code,
    coalesce(cities.macro_region_code, divisions.macro_region_code) as macro_region_code,
    divisions.level,
    divisions.name_zh,
    divisions.unit_type
from divisions
left join cities on divisions.parent_code = cities.region_code
union all
select
    region_code,
    cast('1949-10-01' as date) as valid_from,
    '320000' as parent_code,
    null as city_code,
    region_code as macro_region_code,
    'macro_region' as level,
    name_zh,
    'macro_region' as unit_type
from macro_regions
