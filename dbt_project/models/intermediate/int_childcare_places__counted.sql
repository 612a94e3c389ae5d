{{ config(materialized='kept') }}
-- one row per measure, region and year: places for under-3s in facilities that are filed and open at the year end
with todo as (select * from {{ pending() }})

select
    todo.inputs_key,
    'childcare_places' as measure,
    facilities.region_code,
    todo.year as period,
    'all' as stratum,
    'none' as population_basis,
    sum(case
        when
            facilities.filing_status = 'filed'
            and facilities.open_date <= cast(todo.year || '-12-31' as date)
            and coalesce(facilities.close_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
            then facilities.places_under_3
        else 0
    end) as value
from {{ ref('stg_health__childcare_facilities') }} as facilities
inner join todo on facilities.period = todo.year
group by todo.inputs_key, facilities.region_code, todo.year
