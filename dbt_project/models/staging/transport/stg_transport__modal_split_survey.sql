-- one row per sampled trip
select
    trip_id,
    city_code as region_code,
    period,
    mode,
    weight
from {{ source('transport', 'modal_split_survey') }}
