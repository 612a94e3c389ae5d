{{ config(materialized='kept') }}
-- one row per region and census: enumerated population
with todo as (select * from {{ pending() }})

select
    todo.inputs_key,
    'census_population' as measure,
    census.region_code,
    todo.year as period,
    'all' as stratum,
    census.population_basis,
    sum(census.persons) as value
from {{ ref('stg_statistics__census') }} as census
inner join todo on census.period = todo.year
group by todo.inputs_key, census.region_code, todo.year, census.population_basis
