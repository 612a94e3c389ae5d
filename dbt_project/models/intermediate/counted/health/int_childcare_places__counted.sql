{{ config(materialized='kept') }}
-- one row per region, year and stratum: places for under-3s in facilities that are filed and open at the year end
with todo as (select * from {{ pending() }}),

counted as (
    select
        todo.inputs_key,
        facilities.region_code,
        areas.area,
        todo.year as period,
        sum(case
            when
                facilities.filing_status = 'filed'
                and facilities.open_date <= cast(todo.year || '-12-31' as date)
                and coalesce(facilities.close_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
                then facilities.places_under_3
            else 0
        end) as childcare_places
    from {{ ref('stg_health__childcare_facilities') }} as facilities
    inner join todo on facilities.period = todo.year
    left join {{ ref('stg_statistics__areas') }} as areas on facilities.township_code = areas.township_code
    group by todo.inputs_key, facilities.region_code, areas.area, todo.year
)

{{ melt('counted', ['childcare_places'], strata=['area']) }}
