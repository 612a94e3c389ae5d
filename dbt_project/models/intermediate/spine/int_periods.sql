-- one row per year that values are expected for: from the plan's first to the newest with an accepted delivery
with years as (
    select distinct deliveries.year
    from {{ ref('stg_lake__deliveries') }} as deliveries
    where
        deliveries.is_accepted and deliveries.year >= (select min(cast(first_period as varchar)) from {{ ref('stg_plan__plan') }})
        and deliveries.department <> 'plan'
)

select year as period, 'year' as period_kind from years
