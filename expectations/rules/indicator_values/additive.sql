-- title: 县与功能区之和等于市、区域与省（分子、分母分别相加）
-- severity: critical
with units as (
    select * from marts.regions where valid_to is null and level in ('city', 'county', 'zone')
),

upward as (
    select region_code, level, city_code as parent_code from units where level <> 'city'
    union all
    select region_code, level, macro_region_code as parent_code from units
    union all
    select region_code, level, '320000' as parent_code from units
),

-- what lies below the lowest published level cannot be added up; one suppressed part hides the sum
sums as (
    select
        observed.indicator,
        upward.parent_code as region_code,
        observed.period,
        observed.population_basis,
        observed.stratum,
        sum(observed.numerator) as numerator,
        sum(observed.denominator) as denominator,
        bool_or(coalesce(observed.status, '') = 'suppressed') as is_hidden
    from {batch} as observed
    inner join upward on observed.region_code = upward.region_code
    semi join marts.indicators as indicators
        on observed.indicator = indicators.indicator
            and indicators.is_additive
            and indicators.lowest_level = case when upward.level = 'city' then 'city' else 'county' end
    group by observed.indicator, upward.parent_code, observed.period, observed.population_basis, observed.stratum
)

select
    whole.indicator, whole.region_code, whole.period, whole.population_basis, whole.stratum,
    whole.numerator, sums.numerator as sum_of_numerators, whole.denominator, sums.denominator as sum_of_denominators
from {batch} as whole
inner join sums
    on whole.indicator = sums.indicator
        and whole.region_code = sums.region_code
        and whole.period = sums.period
        and whole.population_basis = sums.population_basis
        and whole.stratum = sums.stratum
where not sums.is_hidden
    and coalesce(whole.status, '') <> 'suppressed'
    and (whole.numerator is distinct from sums.numerator or whole.denominator is distinct from sums.denominator)
