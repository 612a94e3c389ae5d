-- one row per indicator, region, year since the baseline and basis: the value beside its target and required path (methods.md 2)
with plan as (
    select
        *,
        cast(baseline_period as integer) as baseline_year,
        cast(end_period as integer) as end_year
    from {{ ref('stg_plan__plan') }}
),

observed as (
    select
        observations.*,
        cast(observations.period as integer) as year,
        bases.rank = 1 as is_target_basis,
        -- of several years pooled the middle lies a year back; of too few deliveries nobody knows what the rest would say
        observations.value is not null
        and observations.period_kind in ('year', 'school_year')
        and coalesce(observations.covered_share, 1) >= plan.least_covered_share as is_scored
    from {{ ref('indicator_values') }} as observations
    inner join {{ ref('stg_plan__bases') }} as bases
        on observations.indicator = bases.indicator and observations.population_basis = bases.population_basis
    cross join plan
    where
        observations.stratum = 'all'
        and observations.period_kind in ('year', 'school_year', 'pooled_3_years')
        and observations.period >= plan.baseline_period
),

firsts as (
    select
        indicator,
        region_code,
        population_basis,
        min(year) as first_year,
        arg_min(value, year) as first_value
    from observed
    where is_scored
    group by indicator, region_code, population_basis
),

joined as (
    select
        observed.*,
        indicators.target_kind,
        indicators.tolerance,
        plan.baseline_year,
        plan.end_year,
        firsts.first_year,
        firsts.first_value,
        observed.region_code = '320000' as is_province,
        cast(indicators.target as double) as target,
        case when indicators.direction = 'lower_better' then -1 else 1 end as sign,
        -- the plan prints the province's baseline; a region's own is its value of the baseline year
        case
            when indicators.baseline_kind <> 'exact' then null
            when observed.region_code = '320000' then cast(indicators.baseline as double)
            when firsts.first_year = plan.baseline_year then firsts.first_value
        end as baseline,
        0.5 / power(10, coalesce(indicators.printed_baseline_decimals, 0)) as half_unit,
        1e-9 * abs(cast(indicators.target as double)) as noise
    from observed
    inner join {{ ref('int_indicators') }} as indicators on observed.indicator = indicators.indicator
    cross join plan
    left join firsts
        on
            observed.indicator = firsts.indicator
            and observed.region_code = firsts.region_code
            and observed.population_basis = firsts.population_basis
    where observed.region_code = '320000' or indicators.local_target = 'same'
),

-- where the path begins: at the baseline, or without one at the first observation
begun as (
    select
        *,
        coalesce(baseline, first_value) as begins_at,
        case when baseline is not null then baseline_year else first_year end as begins_in,
        baseline is null and target_kind in ('at_least', 'at_most', 'about', 'more_than', 'less_than') as is_path_from_first_observation
    from joined
),

pathed as (
    select
        *,
        case
            when target_kind in ('cumulative', 'cumulative_more_than')
                then target * least(year - baseline_year, end_year - baseline_year) / (end_year - baseline_year)
            when target_kind in ('floor', 'ceiling') then target
            when year < begins_in or begins_in is null then null
            when sign * (target - begins_at) <= noise or year >= end_year then target
            else begins_at + (target - begins_at) * (year - begins_in) / (end_year - begins_in)
        end as required_path
    from begun
),

measured as (
    select
        *,
        sign * (required_path - value) as distance,
        sign * (value - target) as surplus,
        target_kind in ('more_than', 'less_than', 'cumulative_more_than') as is_strict,
        -- the printed baseline is rounded: in its own year a value that prints it falls short of nothing
        is_province and year = baseline_year and abs(value - baseline) <= half_unit + noise as is_as_printed,
        case
            when target_kind in ('cumulative', 'cumulative_more_than') then 100 * greatest(value, 0) / nullif(required_path, 0)
            when sign = 1 then 100 * value / target
            when value <= 0 then 100
            else 100 * target / value
        end as attained
    from pathed
)

select
    indicator,
    region_code,
    period,
    population_basis,
    status,
    flags,
    value,
    is_target_basis,
    is_scored,
    period_kind = 'pooled_3_years' as is_pooled,
    year >= end_year as is_ended,
    baseline,
    cast(target as decimal(18, 4)) as target,
    round(required_path, 10) as required_path,
    is_path_from_first_observation,
    noise,
    case when is_scored then round(case when distance <= noise or is_as_printed then 0 else distance end, 10) end as shortfall,
    round(case when sign * (target - baseline) > noise then abs(target - baseline) else 0.1 * abs(target) end, 10) as scale,
    case when is_scored then round(attained, 10) end as attainment_uncapped,
    case when is_scored then case when is_strict then surplus > noise else surplus >= -noise end end as is_met,
    case
        when is_scored then case when is_strict then surplus > noise else surplus >= -noise - cast(coalesce(tolerance, 0) as double) end
    end as is_met_within_tolerance
from measured
