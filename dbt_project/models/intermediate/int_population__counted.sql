{{ config(materialized='kept') }}
-- one row per measure, region, year and population basis: resident population at the year end
with todo as (select * from {{ pending() }}),

counted as (
    select
        todo.inputs_key,
        population.region_code,
        todo.year as period,
        population.population_basis,
        sum(population.pop_year_end) as persons,
        sum(case when population.age_year between 3 and 5 then population.pop_year_end else 0 end) as age_3_5
    from {{ ref('stg_statistics__resident_population') }} as population
    inner join todo on population.period = todo.year
    group by todo.inputs_key, population.region_code, todo.year, population.population_basis
)

select inputs_key, 'population_year_end' as measure, region_code, period, 'all' as stratum, population_basis, persons as value
from counted
union all
select inputs_key, 'population_age_3_5' as measure, region_code, period, 'all' as stratum, population_basis, age_3_5 as value
from counted
