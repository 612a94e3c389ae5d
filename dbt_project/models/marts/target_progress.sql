-- one row per indicator, region, year since the baseline and basis for which the plan sets a target (methods.md 2 and 3)
with compared as (
    select *, status in ('not_applicable', 'suppressed') as is_not_applicable, status = 'not_applicable' as is_without_path
    from {{ ref('int_targets__compared') }}
)

select
    indicator,
    region_code,
    period,
    population_basis,
    case
        when is_not_applicable then 'not_applicable'
        when value is null then 'missing'
        when not is_target_basis or not is_scored then 'not_comparable'
        when is_met_within_tolerance then 'met'
        when is_ended then 'missed'
        when shortfall = 0 then 'on_track'
        when shortfall <= 0.1 * scale + noise then 'behind'
        else 'at_risk'
    end as status,
    nullif(concat_ws(
        ';',
        case when baseline is null and not is_without_path then 'no_baseline' end,
        case when flags like '%partial%' then 'partial' end,
        case when is_pooled and value is not null then 'pooled' end,
        case when status = 'suppressed' then 'suppressed' end,
        case when is_path_from_first_observation and required_path is not null and not is_without_path then 'path_from_first_observation' end,
        case when is_target_basis and is_met_within_tolerance and not is_met then 'within_tolerance_only' end
    ), '') as flags,
    value,
    case when not is_without_path then baseline end as baseline,
    target,
    case when not is_without_path then required_path end as required_path,
    case when is_target_basis then shortfall end as shortfall,
    case when is_target_basis and attainment_uncapped is not null then least(attainment_uncapped, 100) end as attainment,
    case when is_target_basis then attainment_uncapped end as attainment_uncapped,
    case when is_target_basis then is_met end as is_met,
    case when is_target_basis then is_met_within_tolerance end as is_met_within_tolerance,
    is_target_basis as is_headline
from compared
