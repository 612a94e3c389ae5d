-- one row per indicator, detail, region, period, basis and stratum that can be computed, whatever its kind: of a year of which a
-- dataset has not come at all there is none, one that has come in part lowers the covered share
with computed as (
    select
        indicator, detail, region_code, period, null as period_kind, population_basis, stratum, numerator, denominator, value,
        null as value_lower, null as value_upper, covered_share, null as gap
    from {{ ref('int_ratios__computed') }}
    union all
    select
        indicator, detail, region_code, period, period_kind, population_basis, stratum, numerator, denominator, value,
        value_lower, value_upper, covered_share, gap
    from {{ ref('int_life_tables__computed') }}
)

select
    computed.indicator,
    computed.detail,
    computed.region_code,
    computed.period,
    computed.period_kind,
    computed.population_basis,
    computed.stratum,
    computed.numerator,
    computed.denominator,
    computed.value,
    computed.value_lower,
    computed.value_upper,
    computed.covered_share * coalesce(covered.covered_share, 1) as covered_share,
    computed.gap
from computed
left join {{ ref('int_indicators__covered') }} as covered
    on computed.indicator = covered.indicator and computed.detail = covered.detail and computed.period = covered.period
where coalesce(covered.covered_share, 1) > 0
