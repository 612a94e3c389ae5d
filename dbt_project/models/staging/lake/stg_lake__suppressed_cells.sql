-- one row per indicator, region, period and stratum that the current publication does not show, on any basis
select distinct
    cast(indicator as varchar) as indicator, cast(region_code as varchar) as region_code, cast(period as varchar) as period,
    cast(stratum as varchar) as stratum
from {{ source('lake', 'published_values') }}
where status = 'suppressed'
