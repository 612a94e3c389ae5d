-- one row per township or sub-district (镇、乡、街道) and span of validity, in its county of today; zones, farms and prisons
-- with a code of that level are none
with divisions as (select * from {{ ref('stg_statistics__divisions') }}),

areas as (select * from {{ ref('stg_statistics__areas') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    divisions.region_code as township_code,
    divisions.valid_from,
    divisions.valid_to,
    coalesce(successions.region_code, divisions.parent_code) as region_code,
    areas.area
from divisions
left join areas on divisions.region_code = areas.township_code
left join successions on divisions.parent_code = successions.former_code
where divisions.level = 'township' and divisions.unit_type in ('street', 'town', 'township')
