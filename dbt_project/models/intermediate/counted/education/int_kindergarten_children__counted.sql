{{ config(materialized='kept') }}
-- one row per measure, region, year and stratum: children of 3 and over in kindergartens on the census day
with todo as (select * from {{ pending() }}),

kindergartens as (
    select census.*, areas.area, todo.inputs_key, todo.year
    from {{ ref('stg_education__kindergarten_census') }} as census
    inner join todo on census.period = todo.year
    left join {{ ref('stg_statistics__areas') }} as areas on census.township_code = areas.township_code
),

counted as (
    select
        inputs_key,
        region_code,
        area,
        year as period,
        sum(enrolment) as kindergarten_children,
        sum(case
            when ownership = 'public' then enrolment
            -- recognised on the census day, 1 September; a recognition without dates holds for the year
            when
                ownership = 'inclusive_private'
                and coalesce(inclusive_from, cast(year || '-09-01' as date)) <= cast(year || '-09-01' as date)
                and coalesce(inclusive_to, cast(year || '-09-02' as date)) > cast(year || '-09-01' as date)
                then enrolment
            else 0
        end) as inclusive_kindergarten_children
    from kindergartens
    group by inputs_key, region_code, area, year
)

{{ melt('counted', ['kindergarten_children', 'inclusive_kindergarten_children'], strata=['area']) }}
