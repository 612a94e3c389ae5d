-- one row per count of persons below the province that has been published or hidden: what it was the last time, and, while it is
-- hidden, since which publication (they are numbered from 1) and the least that it has been since
select
    cast(indicator as varchar) as indicator,
    cast(region_code as varchar) as region_code,
    cast(period as varchar) as period,
    cast(population_basis as varchar) as population_basis,
    cast(stratum as varchar) as stratum,
    cast(counted as varchar) as counted,
    cast(value as decimal(28, 6)) as value,
    cast(least as decimal(28, 6)) as least,
    cast(since as integer) as since
from {{ source('lake', 'guarded_counts') }}
