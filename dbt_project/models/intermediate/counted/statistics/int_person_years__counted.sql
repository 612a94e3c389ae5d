{{ config(materialized='kept') }}
-- one row per region, year, stratum (sex and age group) and population basis: person-years lived, by the mid-year population
with todo as (select * from {{ pending() }}),

population as (
    select
        todo.inputs_key,
        todo.year as period,
        residents.region_code,
        residents.sex || '_' || {{ age_band('residents.age_year') }} as stratum,
        residents.population_basis,
        residents.pop_mid_year
    from {{ ref('stg_statistics__resident_population') }} as residents
    inner join todo on residents.period = todo.year
),

counted as (
    select inputs_key, region_code, period, stratum, population_basis, sum(pop_mid_year) as person_years
    from population
    group by inputs_key, region_code, period, stratum, population_basis
)

{{ melt('counted', ['person_years'], 'population_basis', stratum='stratum') }}
