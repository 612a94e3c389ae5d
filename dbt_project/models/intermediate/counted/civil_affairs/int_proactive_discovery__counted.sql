{{ config(materialized='kept', meta={'reads': {'civil_affairs/proactive_discovery_assessments': 'to_date'}}) }}
-- one row per measure and year: cities of the province, and those whose three components (note 4 of the plan) are all built
-- by the latest assessment of each; a city has them or not, so that only the province has a share
with todo as (select * from {{ pending() }}),

cities as (
    select todo.inputs_key, todo.year, divisions.region_code
    from {{ ref('stg_statistics__divisions') }} as divisions
    cross join todo
    where
        divisions.level = 'city'
        and divisions.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(divisions.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-12-31' as date)
),

ranked as (
    select
        todo.inputs_key,
        assessments.region_code,
        assessments.result,
        row_number() over (
            partition by todo.inputs_key, assessments.region_code, assessments.component
            order by assessments.assess_date desc
        ) as recency
    from {{ ref('stg_civil_affairs__proactive_discovery_assessments') }} as assessments
    inner join todo on assessments.period <= todo.year
),

built as (
    select inputs_key, region_code
    from ranked
    where recency = 1 and result = 'built'
    group by inputs_key, region_code
    having count(*) = 3
),

counted as (
    select
        cities.inputs_key,
        '320000' as region_code,
        cities.year as period,
        cast(count(*) as decimal(28, 6)) as cities,
        cast(count(built.region_code) as decimal(28, 6)) as cities_with_proactive_discovery
    from cities
    left join built on cities.inputs_key = built.inputs_key and cities.region_code = built.region_code
    group by cities.inputs_key, cities.year
)

{{ melt('counted', ['cities', 'cities_with_proactive_discovery']) }}
