-- one row per childcare facility and year
with facilities as (select * from {{ source('health', 'childcare_facilities') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    facilities.facility_id,
    coalesce(successions.region_code, facilities.county_code) as region_code,
    facilities.township_code,
    facilities.period,
    facilities.facility_type,
    facilities.filing_status,
    cast(facilities.places_total as decimal(18, 4)) as places_total,
    cast(facilities.places_under3 as decimal(18, 4)) as places_under_3,
    facilities.is_inclusive,
    facilities.open_date,
    facilities.close_date
from facilities
left join successions on facilities.county_code = successions.former_code
