-- one row per indicator, period and area that reports (the province, a macro-region, a city): why there may be no value there,
-- a dataset refused or not yet due
with feeds as (
    select distinct indicator, dataset_name
    from {{ ref('int_formulas__declared') }}
    where reach <> 'latest' and detail = 'headline'
),

-- what is reported for the whole province is so for all its areas
areas as (
    select distinct reporting_area, scope
    from (
        select coalesce(city_code, region_code) as reporting_area, '320000' as scope from {{ ref('int_regions') }}
        union all
        select city_code as reporting_area, city_code as scope from {{ ref('int_regions') }} where level = 'city'
        union all
        select macro_region_code as reporting_area, city_code as scope from {{ ref('int_regions') }} where level = 'city'
        union all
        select '320000' as reporting_area, city_code as scope from {{ ref('int_regions') }} where level = 'city'
    )
),

expected as (
    select
        feeds.indicator,
        deliveries.year as period,
        areas.reporting_area,
        feeds.dataset_name,
        max(case when deliveries.state in ('on_time', 'late') then 1 else 0 end) as has_come,
        max(case when deliveries.state = 'refused' then 1 else 0 end) as is_refused,
        max(case when deliveries.state = 'not_due' then 1 else 0 end) as is_not_due
    from feeds
    inner join {{ ref('int_deliveries__expected') }} as deliveries on feeds.dataset_name = deliveries.dataset_name
    inner join areas on deliveries.scope = areas.scope
    group by feeds.indicator, deliveries.year, areas.reporting_area, feeds.dataset_name
)

select
    indicator,
    period,
    reporting_area,
    case
        when max(case when has_come = 0 then is_refused else 0 end) = 1 then 'rejected'
        when max(case when has_come = 0 then is_not_due else 0 end) = 1 then 'not_due'
        else 'missing'
    end as status
from expected
group by indicator, period, reporting_area
