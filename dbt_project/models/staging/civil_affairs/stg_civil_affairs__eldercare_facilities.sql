-- one row per eldercare facility and year
with facilities as (select * from {{ source('civil_affairs', 'eldercare_facilities') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    facilities.facility_id,
    coalesce(successions.region_code, facilities.county_code) as region_code,
    facilities.township_code,
    facilities.period,
    facilities.facility_type,
    facilities.grade,
    cast(facilities.beds_total as decimal(18, 4)) as beds,
    cast(facilities.beds_nursing as decimal(18, 4)) as nursing_beds,
    cast(facilities.residents_count as decimal(18, 4)) as residents,
    facilities.is_registered,
    facilities.is_comprehensive,
    facilities.is_smart,
    facilities.open_date,
    facilities.close_date
from facilities
left join successions on facilities.county_code = successions.former_code
