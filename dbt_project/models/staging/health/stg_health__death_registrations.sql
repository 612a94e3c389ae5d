-- one row per death, source that knows of it, and year: the matched sources are told by their death_key
with registrations as (select * from {{ source('health', 'death_registrations') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    registrations.death_key,
    registrations.source,
    coalesce(successions.region_code, registrations.county_code) as region_code,
    registrations.period,
    registrations.sex,
    registrations.birth_date,
    registrations.death_date,
    cast(registrations.adjust_weight as decimal(18, 4)) as adjust_weight,
    registrations.record
from registrations
left join successions on registrations.county_code = successions.former_code
