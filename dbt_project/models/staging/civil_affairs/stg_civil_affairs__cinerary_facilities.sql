-- one row per cinerary facility and year
with facilities as (select * from {{ source('civil_affairs', 'cinerary_facilities') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    facilities.facility_id,
    coalesce(successions.region_code, facilities.county_code) as region_code,
    facilities.period,
    facilities.facility_type,
    facilities.is_public_benefit,
    facilities.open_date,
    facilities.close_date
from facilities
left join successions on facilities.county_code = successions.former_code
