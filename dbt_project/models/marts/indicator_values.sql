-- one row per indicator, region, period, basis and stratum that is expected, with its value or why there is none; of what is held
-- the value of the last publication
with spine as (
    -- below the lowest level there is nothing to join (a condition on one side alone would cost a nested loop)
    select *, case when not is_below_lowest_level then region_code end as published_region_code from {{ ref('int_spine') }}
),

indicators as (select * from {{ ref('int_indicators') }}),

computed as (select * from {{ ref('int_values__computed') }} where detail = 'headline'),

hidden as (select * from {{ ref('int_cells__hidden') }}),

published as (select * from {{ ref('stg_lake__published_values') }}),

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
        spine.is_headline,
        indicators.published_decimals,
        gaps.status as gap_status,
        computed.gap,
        coalesce(hidden.is_hidden, false) as is_hidden,
        coalesce(hidden.is_held, false) as is_held,
        case when hidden.indicator is null then computed.numerator else published.numerator end as numerator,
        case when hidden.indicator is null then computed.denominator else published.denominator end as denominator,
        case when hidden.indicator is null then computed.value else published.value end as value,
        case when hidden.indicator is null then computed.value_lower else published.value_lower end as value_lower,
        case when hidden.indicator is null then computed.value_upper else published.value_upper end as value_upper,
        case when hidden.indicator is null then computed.covered_share else published.covered_share end as covered_share
    from spine
    inner join indicators on spine.indicator = indicators.indicator
    left join gaps
        on
            spine.indicator = gaps.indicator
            and spine.period = gaps.period
            and spine.reporting_area = gaps.reporting_area
    left join computed
        on
            spine.indicator = computed.indicator
            and spine.published_region_code = computed.region_code
            and spine.period = computed.period
            and spine.population_basis = computed.population_basis
            and spine.stratum = computed.stratum
    left join hidden
        on
            spine.indicator = hidden.indicator
            and spine.region_code = hidden.region_code
            and spine.period = hidden.period
            and spine.stratum = hidden.stratum
    left join published
        on
            hidden.is_held
            and not hidden.is_hidden
            and spine.indicator = published.indicator
            and spine.region_code = published.region_code
            and spine.period = published.period
            and spine.population_basis = published.population_basis
            and spine.stratum = published.stratum
)

select
    indicator,
    region_code,
    period,
    population_basis,
    stratum,
    period_kind,
    {{ centre('period', 'period_kind') }} as centre_period,
    case
        when is_below_lowest_level then 'not_applicable'
        when is_hidden then 'suppressed'
        when value is not null then 'reported'
        when denominator = 0 or gap is not null then 'not_applicable'
        else coalesce(gap_status, 'missing')
    end as status,
    nullif(concat_ws(
        ';',
        case
            when is_below_lowest_level or is_hidden then null
            when value is null and denominator = 0 then 'no_population'
            when value is null and gap is not null then gap
            when value is not null and covered_share < 1 then 'partial'
        end,
        case when is_held then 'held' end
    ), '') as flags,
    cast(numerator as decimal(28, 6)) as numerator,
    cast(denominator as decimal(28, 6)) as denominator,
    value,
    -- half away from zero, on decimals (a double would round 0.15 down); the number of places must be a constant
    cast(case published_decimals
        {%- for places in range(5) %}
            when {{ places }} then round(cast(value as decimal(28, 10)), {{ places }})
        {%- endfor %}
    end as decimal(18, 4)) as value_rounded,
    value_lower,
    value_upper,
    covered_share,
    is_headline
from joined
