-- title: 达标判断与原值、目标、容差、序时要求一致
-- severity: critical
with progress as (
    select
        progress.*,
        coalesce(progress.status, '') as said,
        case
            when indicators.target_kind in ('more_than', 'cumulative_more_than') then progress.value > indicators.target
            when indicators.target_kind = 'less_than' then progress.value < indicators.target
            when indicators.direction = 'lower_better' then progress.value <= indicators.target
            else progress.value >= indicators.target
        end as is_reached
    from {batch} as progress
    inner join marts.indicators as indicators on progress.indicator = indicators.indicator
)

select
    indicator, region_code, period, population_basis, status, value, target, shortfall, is_met, is_met_within_tolerance
from progress
where coalesce(is_met <> is_reached, false)
    or coalesce(is_met and not is_met_within_tolerance, false)
    or (said = 'met') <> coalesce(is_met_within_tolerance, false)
    or (said = 'on_track' and shortfall is distinct from 0)
    or (said in ('behind', 'at_risk') and coalesce(shortfall, 0) <= 0)
    or (said in ('met', 'on_track', 'behind', 'at_risk', 'not_comparable') and value is null)
    or (said in ('on_track', 'behind', 'at_risk') and required_path is null)
    or (said in ('met', 'on_track', 'behind', 'at_risk') and (is_met is null or is_met_within_tolerance is null))
