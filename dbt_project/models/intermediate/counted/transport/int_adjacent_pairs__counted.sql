{{ config(materialized='kept') }}
-- one row per measure, region of any level and year: pairs of neighbouring counties with one of the two in the region,
-- and those linked by an operating bus route; a pair lies in two counties, so each level counts its distinct pairs
with todo as (select * from {{ pending() }}),

divisions as (select * from {{ ref('stg_statistics__divisions') }} where valid_to is null),

counties as (
    select counties.region_code as county_code, cities.region_code as city_code, cities.macro_region_code
    from divisions as counties
    inner join divisions as cities on counties.parent_code = cities.region_code
    where counties.level in ('county', 'zone')
),

places as (
    select county_code, county_code as region_code from counties
    union all
    select county_code, city_code as region_code from counties
    union all
    select county_code, macro_region_code as region_code from counties
    union all
    select county_code, '320000' as region_code from counties
),

-- unordered, and under the codes of today: a border inside a merged county is gone
pairs as (
    select distinct
        todo.inputs_key,
        todo.year,
        least(adjacent.region_code_a, adjacent.region_code_b) as county_a,
        greatest(adjacent.region_code_a, adjacent.region_code_b) as county_b
    from {{ ref('stg_transport__county_adjacency') }} as adjacent
    cross join todo
    where
        not adjacent.is_cross_province
        and adjacent.region_code_a <> adjacent.region_code_b
        and adjacent.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(adjacent.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

served as (
    select distinct todo.inputs_key, routes.route_id, routes.region_code
    from {{ ref('stg_transport__bus_routes') }} as routes
    inner join todo on routes.period = todo.year
    where
        routes.is_operating
        and routes.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(routes.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

linked as (
    select distinct one.inputs_key, one.region_code as county_a, other.region_code as county_b
    from served as one
    inner join served as other
        on one.inputs_key = other.inputs_key and one.route_id = other.route_id and one.region_code < other.region_code
),

touching as (
    select distinct pairs.inputs_key, pairs.county_a, pairs.county_b, places.region_code, linked.county_a is not null as is_linked
    from pairs
    inner join places on places.county_code in (pairs.county_a, pairs.county_b)
    left join linked
        on pairs.inputs_key = linked.inputs_key and pairs.county_a = linked.county_a and pairs.county_b = linked.county_b
),

counted as (
    select
        todo.inputs_key,
        regions.region_code,
        todo.year as period,
        cast(count(touching.county_a) as decimal(28, 6)) as adjacent_county_pairs,
        cast(coalesce(sum(case when touching.is_linked then 1 else 0 end), 0) as decimal(28, 6)) as adjacent_county_pairs_with_bus
    from (select distinct region_code from places) as regions
    cross join todo
    left join touching on todo.inputs_key = touching.inputs_key and regions.region_code = touching.region_code
    group by todo.inputs_key, regions.region_code, todo.year
)

{{ melt('counted', ['adjacent_county_pairs', 'adjacent_county_pairs_with_bus']) }}
