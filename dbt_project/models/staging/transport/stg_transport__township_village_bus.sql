-- one row per township and year
with townships as (select * from {{ source('transport', 'township_village_bus') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    townships.township_code,
    coalesce(successions.region_code, townships.county_code) as region_code,
    townships.period,
    townships.is_opened
from townships
left join successions on townships.county_code = successions.former_code
