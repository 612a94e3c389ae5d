{{ config(materialized='kept') }}
-- one row per measure, region and year: family households at the year end
with todo as (select * from {{ pending() }}),

counted as (
    select
        todo.inputs_key,
        households.region_code,
        todo.year as period,
        sum(households.households) as households,
        sum(case when households.urban_rural = 'urban' then households.households else 0 end) as urban_households
    from {{ ref('stg_statistics__households') }} as households
    inner join todo on households.period = todo.year
    group by todo.inputs_key, households.region_code, todo.year
)

{{ melt('counted', ['households', 'urban_households']) }}
