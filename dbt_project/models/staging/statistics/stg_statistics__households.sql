-- one row per county or zone, year, and urban or rural; counties before a merger each have their own
with households as (select * from {{ source('statistics', 'households') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    coalesce(successions.region_code, households.county_code) as region_code,
    households.period,
    households.urban_rural,
    cast(households.household_count as decimal(18, 4)) as households
from households
left join successions on households.county_code = successions.former_code
