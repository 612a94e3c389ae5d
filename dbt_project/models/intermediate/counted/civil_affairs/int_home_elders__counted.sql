{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: persons of 60 and over at home on any day of the year, each counted once
-- in the county of their latest record (or, beside it, of their hukou); who died or moved during the year stays (formulas.md 15, cfg),
-- at the age of the last day at home; a span ends before the day of valid_to
with todo as (select * from {{ pending() }}),

homes as (
    select
        todo.inputs_key,
        todo.year,
        profiles.*,
        cast(todo.year || '-01-01' as date) as new_year,
        least(cast(todo.year || '-12-31' as date), coalesce(profiles.valid_to, cast('9999-12-31' as date)) - 1) as last_day
    from {{ ref('stg_civil_affairs__elder_profiles') }} as profiles
    inner join todo on profiles.period = todo.year
    where profiles.residence_type = 'home'
),

spans as (
    select
        homes.inputs_key,
        homes.year,
        homes.person_key,
        homes.region_code,
        homes.hukou_region_code,
        homes.residence,
        areas.area,
        row_number() over (
            partition by homes.inputs_key, homes.person_key order by homes.valid_from desc, homes.record desc
        ) as recency
    from homes
    left join {{ ref('stg_statistics__areas') }} as areas on homes.township_code = areas.township_code
    where
        homes.last_day >= greatest(homes.valid_from, homes.new_year)
        and homes.last_day >= homes.birth_date + interval 60 year
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
