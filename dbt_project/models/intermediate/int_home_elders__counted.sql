{{ config(materialized='kept') }}
-- one row per measure, region and year: persons of 60 and over at home on any day of the year, each counted once
-- in the county of their latest record; who died or moved during the year stays (formulas.md 15, cfg)
with todo as (select * from {{ pending() }}),

spans as (
    select
        todo.inputs_key,
        todo.year,
        profiles.person_key,
        profiles.region_code,
        row_number() over (
            partition by todo.inputs_key, profiles.person_key order by profiles.valid_from desc, profiles.record desc
        ) as recency
    from {{ ref('stg_civil_affairs__elder_profiles') }} as profiles
    inner join todo on profiles.period = todo.year
    where
        profiles.residence_type = 'home'
        and profiles.valid_from <= cast(todo.year || '-12-31' as date)
        and coalesce(profiles.valid_to, cast('9999-12-31' as date)) > cast(todo.year || '-01-01' as date)
        and profiles.birth_date + interval 60 year
        <= least(cast(todo.year || '-12-31' as date), coalesce(profiles.valid_to, cast('9999-12-31' as date)))
),

elders as (select * from spans where recency = 1),

served as (
    select distinct todo.inputs_key, services.person_key
    from {{ ref('stg_civil_affairs__homecare_services') }} as services
    inner join todo on left(services.period, 4) = todo.year
    where services.is_verified
),

counted as (
    select
        elders.inputs_key,
        elders.region_code,
        elders.year as period,
        cast(count(*) as decimal(28, 6)) as home_elders,
        cast(count(served.person_key) as decimal(28, 6)) as home_elders_served
    from elders
    left join served on elders.inputs_key = served.inputs_key and elders.person_key = served.person_key
    group by elders.inputs_key, elders.region_code, elders.year
)

{{ melt('counted', ['home_elders', 'home_elders_served']) }}
