-- one row per indicator, region, period, basis and stratum of the current publication
select
    cast(indicator as varchar) as indicator,
    cast(region_code as varchar) as region_code,
    cast(period as varchar) as period,
    cast(population_basis as varchar) as population_basis,
    cast(stratum as varchar) as stratum,
    cast(status as varchar) as status,
    cast(flags as varchar) as flags,
    cast(numerator as decimal(28, 6)) as numerator,
    cast(denominator as decimal(28, 6)) as denominator,
    cast(value as double) as value,
    cast(value_lower as double) as value_lower,
    cast(value_upper as double) as value_upper,
    cast(covered_share as double) as covered_share
from {{ source('lake', 'published_values') }}
