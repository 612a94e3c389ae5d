{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: townships that an open public-benefit facility for ashes serves at the
-- year end, each once and in its own county, wherever the facility is; a vigil centre keeps no ashes
with todo as (select * from {{ pending() }}),

strata as (select distinct area from {{ ref('stg_statistics__areas') }}),

regions as (
    select divisions.region_code, strata.area
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join strata
    where divisions.level in ('county', 'zone') and divisions.valid_to is null
),

served as (
    select distinct todo.inputs_key, todo.year, townships.township_code, townships.region_code, townships.area
    from {{ ref('stg_civil_affairs__cinerary_facilities') }} as facilities
    inner join todo on facilities.period = todo.year
    inner join {{ ref('stg_civil_affairs__cinerary_services') }} as services
        on facilities.facility_id = services.facility_id and facilities.period = services.period
    inner join {{ ref('stg_statistics__townships') }} as townships on services.township_code = townships.township_code
    where
        facilities.is_public_benefit
        and facilities.facility_type in ('columbarium', 'cemetery')
        and facilities.open_date <= cast(todo.year || '-12-31' as date)
        and coalesce(facilities.close_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
        and townships.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(townships.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

counted as (
    select inputs_key, region_code, year as period, area, 1 as townships_with_public_cinerary from served
    union all
    -- a region without any has zero
    select todo.inputs_key, regions.region_code, todo.year as period, regions.area, 0 as townships_with_public_cinerary
    from regions
    cross join todo
)

{{ melt('counted', ['townships_with_public_cinerary'], strata=['area']) }}
