{{ config(materialized='kept') }}
-- one row per measure, region and year: counties in the bus-integration pilot at the year's end, and those accepted by then
with todo as (select * from {{ pending() }}),

counties as (
    select region_code
    from {{ ref('stg_statistics__divisions') }}
    where level in ('county', 'zone') and valid_to is null
),

-- the list is made in the spring after: what it knows of later is not of the year
pilots as (
    select
        todo.inputs_key,
        listed.region_code,
        case when listed.accepted_date <= cast(todo.year || '-12-31' as date) and listed.result = 'passed' then 1 else 0 end as accepted
    from {{ ref('stg_transport__bus_integration_counties') }} as listed
    inner join todo on listed.period = todo.year
    where listed.included_date <= cast(todo.year || '-12-31' as date)
),

counted as (
    select
        todo.inputs_key,
        counties.region_code,
        todo.year as period,
        cast(count(pilots.accepted) as decimal(28, 6)) as pilot_counties,
        cast(coalesce(sum(pilots.accepted), 0) as decimal(28, 6)) as pilot_counties_accepted
    from counties
    cross join todo
    left join pilots on todo.inputs_key = pilots.inputs_key and counties.region_code = pilots.region_code
    group by todo.inputs_key, counties.region_code, todo.year
)

{{ melt('counted', ['pilot_counties', 'pilot_counties_accepted']) }}
