-- one row per county on a year's list of pilots
with counties as (select * from {{ source('transport', 'bus_integration_counties') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    counties.county_code,
    coalesce(successions.region_code, counties.county_code) as region_code,
    counties.period,
    counties.batch,
    counties.result,
    counties.included_date,
    counties.accepted_date
from counties
left join successions on counties.county_code = successions.former_code
