{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: persons of 60 and over at home on any day of the year, each counted once
-- in the county of their latest record (or, beside it, of their hukou); who died or moved during the year stays (formulas.md 15, cfg)
with todo as (select * from {{ pending() }}),

spans as (
    select
        todo.inputs_key,
        todo.year,
        profiles.person_key,
        profiles.region_code,
        profiles.hukou_region_code,
        profiles.residence,
        areas.area,
        row_number() over (
            partition by todo.inputs_key, profiles.person_key order by profiles.valid_from desc, profiles.record desc
        ) as recency
    from {{ ref('stg_civil_affairs__elder_profiles') }} as profiles
    inner join todo on profiles.period = todo.year
    left join {{ ref('stg_statistics__areas') }} as areas on profiles.township_code = areas.township_code
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

visited as (
    select elders.*, case when served.person_key is not null then 1 else 0 end as is_served
    from elders
    left join served on elders.inputs_key = served.inputs_key and elders.person_key = served.person_key
),

counted as (
    select
        inputs_key,
        region_code,
        area,
        residence,
        year as period,
        cast(count(*) as decimal(28, 6)) as home_elders,
        cast(sum(is_served) as decimal(28, 6)) as home_elders_served
    from visited
    group by inputs_key, region_code, area, residence, year
),

-- who has no hukou in the province is nobody's here
counted_by_hukou as (
    select
        inputs_key,
        hukou_region_code as region_code,
        year as period,
        cast(count(*) as decimal(28, 6)) as hukou_home_elders,
        cast(sum(is_served) as decimal(28, 6)) as hukou_home_elders_served
    from visited
    where left(hukou_region_code, 2) = '32'
    group by inputs_key, hukou_region_code, year
)

{{ melt('counted', ['home_elders', 'home_elders_served'], strata=['area', 'residence']) }}
union all
{{ melt('counted_by_hukou', ['hukou_home_elders', 'hukou_home_elders_served']) }}
