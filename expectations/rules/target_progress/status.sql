-- title: 达标判断与原值、目标、容差、序时要求一致；期末年份只有达标与未达标
-- severity: critical
with progress as (
    select
        progress.*,
        coalesce(progress.status, '') as said,
        1e-9 * abs(cast(indicators.target as double)) as noise,
        case when indicators.direction = 'lower_better' then -1 else 1 end
        * (progress.value - cast(indicators.target as double)) as surplus,
        indicators.target_kind in ('more_than', 'less_than', 'cumulative_more_than') as is_strict,
        cast(left(progress.period, 4) as integer) >= cast(right(indicators.plan, 4) as integer) as is_ended
    from {batch} as progress
    inner join marts.indicators as indicators on progress.indicator = indicators.indicator
)

select
    indicator, region_code, period, population_basis, status, value, target, shortfall, is_met, is_met_within_tolerance
from progress
where coalesce(is_met <> case when is_strict then surplus > noise else surplus >= -noise end, false)
    or coalesce(is_met and not is_met_within_tolerance, false)
    or (said = 'met') <> coalesce(is_met_within_tolerance, false)
    or (said = 'missed' and not is_ended)
    or (said in ('on_track', 'behind', 'at_risk') and is_ended)
    or (said = 'on_track' and shortfall is distinct from 0)
    or (said in ('behind', 'at_risk') and coalesce(shortfall, 0) <= 0)
    or (said in ('met', 'missed', 'on_track', 'behind', 'at_risk', 'not_comparable') and value is null)
    or (said in ('on_track', 'behind', 'at_risk') and required_path is null)
    or (said in ('met', 'missed', 'on_track', 'behind', 'at_risk') and (is_met is null or is_met_within_tolerance is null))
