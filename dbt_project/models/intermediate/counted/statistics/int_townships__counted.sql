{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: townships and sub-districts at the year end
with todo as (select * from {{ pending() }}),

strata as (select distinct area from {{ ref('stg_statistics__areas') }}),

regions as (
    select divisions.region_code, strata.area
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join strata
    where divisions.level in ('county', 'zone') and divisions.valid_to is null
),

townships as (
    select todo.inputs_key, todo.year, townships.region_code, townships.area
    from {{ ref('stg_statistics__townships') }} as townships
    cross join todo
    where
        townships.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(townships.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

counted as (
    select inputs_key, region_code, year as period, area, 1 as townships from townships
    union all
    -- a region without any has zero
    select todo.inputs_key, regions.region_code, todo.year as period, regions.area, 0 as townships
    from regions
    cross join todo
)

{{ melt('counted', ['townships'], strata=['area']) }}
