-- one row per community and year
select
    community_code,
    left(community_code, 9) as township_code,
    period,
    urban_rural,
    is_met
from {{ source('civil_affairs', 'community_assessments') }}
