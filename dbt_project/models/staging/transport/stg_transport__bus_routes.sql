-- one row per bus route, stop on it and span of validity in a year's list
with routes as (select * from {{ source('transport', 'bus_routes') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    routes.route_id,
    routes.stop_seq,
    routes.stop_id,
    coalesce(successions.region_code, routes.county_code) as region_code,
    routes.township_code,
    routes.period,
    routes.poi_type,
    routes.is_operating,
    routes.valid_from,
    routes.valid_to
from routes
left join successions on routes.county_code = successions.former_code
