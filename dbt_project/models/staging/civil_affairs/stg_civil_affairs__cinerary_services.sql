-- one row per cinerary facility, township that it serves and year: the codes that its return lists in one cell
select distinct
    facility_id,
    unnest(regexp_split_to_array(serves_township_codes, '[、；;]')) as township_code,
    period
from {{ source('civil_affairs', 'cinerary_facilities') }}
