-- one row per visit
select
    service_id,
    person_key,
    township_code,
    provider_id,
    period,
    service_type,
    fee_cny,
    is_verified,
    service_date
from {{ source('civil_affairs', 'homecare_services') }}
