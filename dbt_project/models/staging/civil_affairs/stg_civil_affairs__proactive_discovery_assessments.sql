-- one row per city, component of its mechanism and assessment
select
    city_code as region_code,
    period,
    component,
    result,
    assess_date
from {{ source('civil_affairs', 'proactive_discovery_assessments') }}
