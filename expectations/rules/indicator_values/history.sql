-- title: 已发布的值不改动、不消失，除非有新交付、交付撤回、区划变更、指标定义或方法版本变更可以解释
-- severity: critical
with indicators as (
    select
        now.indicator,
        now.datasets,
        coalesce(now.years_open, 0) as years_open,
        (now.unit, now.definition_zh, now.formula_kind, now.datasets, now.lowest_level, now.published_decimals, now.method_version)
        is distinct from
        (was.unit, was.definition_zh, was.formula_kind, was.datasets, was.lowest_level, was.published_decimals, was.method_version)
        as is_redefined
    from marts.indicators as now
    left join previous.marts.indicators as was on now.indicator = was.indicator
),

-- a delivery that has come, was withdrawn or counts again explains its own year, those that may look back on it, and those that are still open when it comes; the
-- divisions explain any
arrived as (
    select concat(now.department, '/', now.dataset) as dataset, left(now.period, 4) as year
    from marts.deliveries as now
    anti join previous.marts.deliveries as was on now.delivery_id = was.delivery_id and now.outcome = was.outcome
    where now.outcome in ('accepted', 'withdrawn')
),

explained as (
    select distinct indicators.indicator, cast(cast(arrived.year as integer) - indicators.years_open as varchar) as year
    from indicators
    inner join arrived on contains(concat(';', indicators.datasets, ';'), concat(';', arrived.dataset, ';'))
    union all
    select indicators.indicator, '0' as year
    from indicators
    where indicators.is_redefined or exists (select 1 from arrived where arrived.dataset = 'statistics/divisions')
)

select
    was.indicator, was.region_code, was.period, was.population_basis, was.stratum,
    was.numerator as numerator_was, now.numerator, was.denominator as denominator_was, now.denominator,
    was.value as value_was, now.value, now.status
from previous.marts.indicator_values as was
left join {batch} as now
    on was.indicator = now.indicator
        and was.region_code = now.region_code
        and was.period = now.period
        and was.population_basis = now.population_basis
        and was.stratum = now.stratum
anti join explained on was.indicator = explained.indicator and explained.year <= left(was.period, 4)
where was.status = 'reported'
    and (
        now.value is null
        or abs(now.value - was.value) > 1e-9 * greatest(1, abs(was.value))
        or now.value_rounded is distinct from was.value_rounded
        or now.numerator is distinct from was.numerator
        or now.denominator is distinct from was.denominator
    )
