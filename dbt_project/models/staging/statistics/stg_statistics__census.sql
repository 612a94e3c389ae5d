-- one row per county or zone, census, age band and sex
with census as (
    select * from {{ source('statistics', 'census') }}
),

persons as (
    unpivot census on columns('^(fe)?male_') into name cohort value persons
),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    coalesce(successions.region_code, persons.county_code) as region_code,
    persons.period,
    'census_' || persons.period as population_basis,
    substr(persons.cohort, instr(persons.cohort, '_') + 1) as age_band,
    substr(persons.cohort, 1, instr(persons.cohort, '_') - 1) as sex,
    cast(persons.persons as decimal(18, 4)) as persons
from persons
left join successions on persons.county_code = successions.former_code
