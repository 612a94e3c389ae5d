-- one row per indicator, region, period and stratum that the current publication does not show, on any basis
select distinct indicator, region_code, period, stratum
from {{ source('lake', 'suppressed_cells') }}
