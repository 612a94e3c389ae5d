-- title: 指标有名称、单位与定义，方向、属性、层级等代码在公布的取值之内
-- severity: critical
select
    indicator, direction, attribute, service_tier, baseline_kind, local_target, formula_kind, lowest_level,
    published_decimals, is_cumulative, is_additive, name_zh, unit
from {batch}
where coalesce(direction, '') not in ('higher_better', 'lower_better')
    or coalesce(attribute, '') not in ('binding', 'anticipatory')
    or coalesce(service_tier, '') not in ('basic', 'inclusive_non_basic')
    or coalesce(baseline_kind, '') not in ('exact', 'at_least', 'none')
    or coalesce(local_target, '') not in ('same', 'none')
    or coalesce(formula_kind, '') not in (
        'ratio', 'mean', 'cumulative', 'decline', 'area_share', 'life_table', 'survey', 'lower_of_two', 'precision'
    )
    or coalesce(lowest_level, '') not in ('province', 'city', 'county')
    or coalesce(published_decimals, -1) not between 0 and 4
    or coalesce(name_zh, '') = ''
    or coalesce(unit, '') = ''
    or coalesce(definition_zh, '') = ''
    or is_cumulative is null
    or is_additive is null
    or is_gross is null
    or is_sensitive is null
