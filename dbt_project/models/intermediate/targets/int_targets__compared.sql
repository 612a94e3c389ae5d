-- one row per indicator, region, year since the baseline and basis: the value beside its target and required path
with observed as (
    select observations.*, bases.rank = 1 as is_target_basis
    from {{ ref('indicator_values') }} as observations
    inner join {{ ref('stg_plan__bases') }} as bases
        on observations.indicator = bases.indicator and observations.population_basis = bases.population_basis
    where observations.stratum = 'all' and observations.period_kind in ('year', 'school_year', 'pooled_3_years')
),

baselines as (
    select observed.indicator, observed.region_code, observed.population_basis, observed.value
    from observed
    inner join {{ ref('stg_plan__plan') }} as plan on observed.period = cast(plan.baseline_period as varchar)
),

firsts as (
    select
        observed.indicator,
        observed.region_code,
        observed.population_basis,
        observed.value,
        cast(observed.period as integer) as year,
        row_number() over (
            partition by observed.indicator, observed.region_code, observed.population_basis order by observed.period
        ) as place
    from observed
    inner join {{ ref('stg_plan__plan') }} as plan on observed.period >= cast(plan.baseline_period as varchar)
    where observed.value is not null
),

joined as (
    select
        observed.indicator,
        observed.region_code,
        observed.period,
        observed.population_basis,
        observed.status,
        observed.flags,
        observed.value,
        observed.is_target_basis,
        indicators.target_kind,
        indicators.target,
        indicators.tolerance,
        -- the plan prints the province's baseline; a region's own is its value of the baseline year
        case
            when indicators.baseline_kind <> 'exact' then null
            when observed.region_code = '320000' then indicators.baseline
            else cast(baselines.value as decimal(18, 4))
        end as baseline,
        case when indicators.direction = 'lower_better' then -1 else 1 end as sign,
        0.5 / power(10, coalesce(indicators.printed_baseline_decimals, 0)) as half_unit,
        cast(observed.period as integer) - cast(plan.baseline_period as integer) as years_elapsed,
        cast(plan.end_period as integer) - cast(plan.baseline_period as integer) as years_in_plan,
        cast(plan.end_period as integer) - firsts.year as years_from_first,
        cast(observed.period as integer) - firsts.year as years_since_first,
        firsts.value as first_value
    from observed
    inner join {{ ref('int_indicators') }} as indicators on observed.indicator = indicators.indicator
    cross join {{ ref('stg_plan__plan') }} as plan
    left join baselines
        on
            observed.indicator = baselines.indicator
            and observed.region_code = baselines.region_code
            and observed.population_basis = baselines.population_basis
    left join firsts
        on
            observed.indicator = firsts.indicator
            and observed.region_code = firsts.region_code
            and observed.population_basis = firsts.population_basis
            and firsts.place = 1
    where
        observed.period >= cast(plan.baseline_period as varchar)
        and (observed.region_code = '320000' or indicators.local_target = 'same')
),

pathed as (
    select
        *,
        case
            when target_kind in ('cumulative', 'cumulative_more_than')
                then target * least(greatest(years_elapsed, 0), years_in_plan) / years_in_plan
            when target_kind in ('floor', 'ceiling') or sign * (target - baseline) <= 0 then target
            when baseline is not null
                then baseline + (target - baseline) * least(years_elapsed, years_in_plan) / years_in_plan
            when years_since_first >= 0 and years_from_first > 0
                then first_value + (target - first_value) * least(years_since_first, years_from_first) / years_from_first
            when years_since_first >= 0 then target
        end as required_path,
        baseline is null and target_kind in ('at_least', 'at_most', 'about', 'more_than') as is_path_from_first_observation
    from joined
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
    baseline,
    target,
    cast(required_path as double) as required_path,
    is_path_from_first_observation,
    case
        when value is null then null
        -- the printed baseline is rounded: in its own year a value that prints it falls short of nothing
        when years_elapsed = 0 and abs(value - cast(baseline as double)) <= half_unit then 0
        else greatest(sign * (cast(required_path as double) - value), 0)
    end as shortfall,
    cast(case when sign * (target - baseline) > 0 then abs(target - baseline) else 0.1 * abs(target) end as double) as scale,
    case
        when value is null then null
        when target_kind in ('cumulative', 'cumulative_more_than')
            then 100 * greatest(value, 0) / nullif(cast(required_path as double), 0)
        when sign = 1 then 100 * value / cast(target as double)
        when value <= 0 then 100
        else 100 * cast(target as double) / value
    end as attainment_uncapped,
    case
        when target_kind in ('more_than', 'cumulative_more_than') then sign * (value - cast(target as double)) > 0
        else sign * (value - cast(target as double)) >= 0
    end as is_met,
    case
        when target_kind in ('more_than', 'cumulative_more_than') then sign * (value - cast(target as double)) > 0
        else sign * (value - cast(target as double)) + cast(coalesce(tolerance, 0) as double) >= 0
    end as is_met_within_tolerance
from pathed
