-- one row per indicator, detail, region, period, basis and stratum that can be computed, whatever its kind
select
    indicator, detail, region_code, period, null as period_kind, population_basis, stratum, numerator, denominator, value,
    null as value_lower, null as value_upper, covered_share, null as gap
from {{ ref('int_ratios__computed') }}
union all
select
    indicator, detail, region_code, period, period_kind, population_basis, stratum, numerator, denominator, value,
    value_lower, value_upper, covered_share, gap
from {{ ref('int_life_tables__computed') }}
