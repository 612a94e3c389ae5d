-- one row per disabled person on the register at a year end
with register as (select * from {{ source('disabled_persons', 'disability_register') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    register.person_key,
    coalesce(successions.region_code, register.county_code) as region_code,
    register.hukou_county as hukou_county_code,
    register.period,
    register.category,
    register.grade,
    register.has_rehab_need,
    register.is_living_subsidy_eligible,
    register.is_nursing_subsidy_eligible,
    register.birth_date,
    register.issue_date,
    register.expire_date
from register
left join successions on register.county_code = successions.former_code
