{{ config(materialized='kept') }}
-- one row per measure, region, year, stratum and population basis: resident population at the year end
with todo as (select * from {{ pending() }}),

counted as (
    select
        todo.inputs_key,
        population.region_code,
        population.urban_rural as area,
        population.hukou_type as residence,
        todo.year as period,
        population.population_basis,
        sum(population.pop_year_end) as population_year_end,
        sum(case when population.age_year between 3 and 5 then population.pop_year_end else 0 end) as population_age_3_5,
        sum(case when population.age_year between 15 and 17 then population.pop_year_end else 0 end) as population_age_15_17
    from {{ ref('stg_statistics__resident_population') }} as population
    inner join todo on population.period = todo.year
    group by
        todo.inputs_key, population.region_code, population.urban_rural, population.hukou_type, todo.year,
        population.population_basis
)

{{ melt('counted', ['population_year_end', 'population_age_3_5', 'population_age_15_17'], 'counted.population_basis', ['area', 'residence']) }}
