-- one row per person, institution, span of registration and year of the register
with personnel as (select * from {{ source('health', 'health_personnel') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    personnel.person_key,
    personnel.institution_id,
    coalesce(successions.region_code, personnel.county_code) as region_code,
    personnel.period,
    personnel.licence_type,
    personnel.is_primary_site,
    coalesce(personnel.is_gp_registered, false) or coalesce(personnel.has_gp_certificate, false) as is_gp_trained,
    coalesce(personnel.is_village_doctor, false) as is_village_doctor,
    personnel.register_date,
    personnel.end_date,
    personnel.record
from personnel
left join successions on personnel.county_code = successions.former_code
