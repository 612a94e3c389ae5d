-- one row per county or zone, year, age, sex, urban or rural, hukou type and population basis
with population as (select * from {{ source('statistics', 'resident_population') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    coalesce(successions.region_code, population.county_code) as region_code,
    population.period,
    population.population_basis,
    population.age_year,
    population.sex,
    population.urban_rural,
    population.hukou_type,
    cast(population.pop_year_end as decimal(18, 4)) as pop_year_end,
    cast(population.pop_mid_year as decimal(18, 4)) as pop_mid_year
from population
left join successions on population.county_code = successions.former_code
