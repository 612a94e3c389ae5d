-- one row per record of a vaccination
select
    event_id,
    child_key,
    vaccine_code,
    site_code,
    period,
    dose_no,
    is_programme,
    vaccination_date
from {{ source('health', 'vaccination_events') }}
