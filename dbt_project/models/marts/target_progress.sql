-- one row per indicator, region, year since the baseline and basis for which the plan sets a target (methods.md 2 and 3)
select
    indicator,
    region_code,
    period,
    population_basis,
    case
        when status in ('not_applicable', 'suppressed') then 'not_applicable'
        when value is null then 'missing'
        when not is_target_basis then 'not_comparable'
        when is_met_within_tolerance then 'met'
        when shortfall is null then 'missing'
        when shortfall = 0 then 'on_track'
        when shortfall <= 0.1 * scale then 'behind'
        else 'at_risk'
    end as status,
    nullif(concat_ws(
        ';',
        case when baseline is null then 'no_baseline' end,
        case when flags like '%partial%' then 'partial' end,
        case when status = 'suppressed' then 'suppressed' end,
        case when is_path_from_first_observation then 'path_from_first_observation' end,
        case when is_target_basis and is_met_within_tolerance and not is_met then 'within_tolerance_only' end
    ), '') as flags,
    value,
    baseline,
    target,
    required_path,
    case when is_target_basis then shortfall end as shortfall,
    case when is_target_basis and value is not null then least(attainment_uncapped, 100) end as attainment,
    case when is_target_basis then attainment_uncapped end as attainment_uncapped,
    case when is_target_basis then is_met end as is_met,
    case when is_target_basis then is_met_within_tolerance end as is_met_within_tolerance,
    is_target_basis as is_headline
from {{ ref('int_targets__compared') }}
