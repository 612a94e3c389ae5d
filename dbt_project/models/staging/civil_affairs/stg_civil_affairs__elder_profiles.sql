-- one row per elderly person and span of registration
with profiles as (select * from {{ source('civil_affairs', 'elder_profiles') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    profiles.person_key,
    coalesce(successions.region_code, profiles.county_code) as region_code,
    coalesce(origins.region_code, profiles.hukou_county) as hukou_region_code,
    profiles.resident_township as township_code,
    profiles.period,
    {{ residence('coalesce(origins.region_code, profiles.hukou_county)', 'coalesce(successions.region_code, profiles.county_code)') }} as residence,
    profiles.residence_type,
    profiles.assessment_level,
    profiles.birth_date,
    profiles.valid_from,
    profiles.valid_to,
    profiles.record
from profiles
left join successions on profiles.county_code = successions.former_code
left join successions as origins on profiles.hukou_county = origins.former_code
