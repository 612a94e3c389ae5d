{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: townships with an open comprehensive facility at the year end, each once,
-- and beds in open, registered institutions; a return with more nursing beds than beds is wrong: none of its beds count
with todo as (select * from {{ pending() }}),

areas as (select * from {{ ref('stg_statistics__areas') }}),

strata as (select distinct area from areas),

regions as (
    select divisions.region_code, strata.area
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join strata
    where divisions.level in ('county', 'zone') and divisions.valid_to is null
),

facilities as (
    select facilities.*, areas.area, todo.inputs_key, todo.year
    from {{ ref('stg_civil_affairs__eldercare_facilities') }} as facilities
    inner join todo on facilities.period = todo.year
    left join areas on facilities.township_code = areas.township_code
    where
        facilities.open_date <= cast(todo.year || '-12-31' as date)
        and coalesce(facilities.close_date, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

covered as (
    select distinct facilities.inputs_key, facilities.year, townships.township_code, townships.region_code, townships.area
    from facilities
    inner join {{ ref('stg_statistics__townships') }} as townships on facilities.township_code = townships.township_code
    where
        facilities.is_comprehensive
        and townships.valid_from <= cast(facilities.year || '-12-31' as date)
        and coalesce(townships.valid_to, cast('9999-12-31' as date)) > cast(facilities.year || '-12-31' as date)
),

counted as (
    select
        inputs_key,
        region_code,
        year as period,
        area,
        1 as townships_with_comprehensive_eldercare,
        0 as eldercare_beds,
        0 as nursing_beds
    from covered
    union all
    select
        inputs_key,
        region_code,
        year as period,
        area,
        0 as townships_with_comprehensive_eldercare,
        beds as eldercare_beds,
        nursing_beds
    from facilities
    where is_registered and facility_type in ('institution', 'rural_home') and nursing_beds <= beds
    union all
    -- a region without any has zero
    select
        todo.inputs_key,
        regions.region_code,
        todo.year as period,
        regions.area,
        0 as townships_with_comprehensive_eldercare,
        0 as eldercare_beds,
        0 as nursing_beds
    from regions
    cross join todo
)

{{ melt('counted', ['townships_with_comprehensive_eldercare', 'eldercare_beds', 'nursing_beds'], strata=['area']) }}
