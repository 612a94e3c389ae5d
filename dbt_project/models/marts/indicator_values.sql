-- one row per indicator, region, period, basis and stratum that is expected, with its value or why there is none
with spine as (select * from {{ ref('int_spine') }}),

indicators as (select * from {{ ref('int_indicators') }}),

computed as (select * from {{ ref('int_ratios__computed') }}),

gaps as (select * from {{ ref('int_gaps__explained') }}),

joined as (
    select
        spine.indicator,
        spine.region_code,
        spine.period,
        spine.population_basis,
        spine.stratum,
        spine.period_kind,
        spine.is_below_lowest_level,
        indicators.published_decimals,
        gaps.status as gap_status,
        computed.numerator,
        computed.denominator,
        computed.value,
        computed.covered_share
    from spine
    inner join indicators on spine.indicator = indicators.indicator
    left join gaps on spine.indicator = gaps.indicator and spine.period = gaps.period
    left join computed
        on
            spine.indicator = computed.indicator
            and spine.region_code = computed.region_code
            and spine.period = computed.period
            and spine.population_basis = computed.population_basis
            and spine.stratum = computed.stratum
            and not spine.is_below_lowest_level
)

select
    indicator,
    region_code,
    period,
    population_basis,
    stratum,
    period_kind,
    case
        when is_below_lowest_level then 'not_applicable'
        when value is not null then 'reported'
        when denominator = 0 then 'not_applicable'
        else coalesce(gap_status, 'missing')
    end as status,
    case
        when is_below_lowest_level then null
        when value is null and denominator = 0 then 'no_population'
        when value is not null and covered_share < 1 then 'partial'
    end as flags,
    cast(numerator as decimal(28, 6)) as numerator,
    cast(denominator as decimal(28, 6)) as denominator,
    value,
    -- half away from zero, on decimals (a double would round 0.15 down); the number of places must be a constant
    cast(case published_decimals
        {%- for places in range(5) %}
            when {{ places }} then round(cast(value as decimal(28, 10)), {{ places }})
        {%- endfor %}
    end as decimal(18, 4)) as value_rounded,
    covered_share
from joined
