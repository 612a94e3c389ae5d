{{ config(materialized='kept') }}
-- one row per region and census: enumerated population
with todo as (select * from {{ pending() }}),

counted as (
    select
        todo.inputs_key,
        census.region_code,
        todo.year as period,
        census.population_basis,
        sum(census.persons) as census_population
    from {{ ref('stg_statistics__census') }} as census
    inner join todo on census.period = todo.year
    group by todo.inputs_key, census.region_code, todo.year, census.population_basis
)

{{ melt('counted', ['census_population'], 'population_basis') }}
