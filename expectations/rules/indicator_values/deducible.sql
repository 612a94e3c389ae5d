-- title: 不公布的数不能由上级减去同级其他地区推算出来，其合计也不少于阈值
-- severity: critical
with units as (
    select
        region_code,
        case level when 'macro_region' then '320000' when 'city' then macro_region_code else city_code end as parent_code
    from marts.regions
    where valid_to is null and level in ('macro_region', 'city', 'county', 'zone')
),

groups as (
    select
        observed.indicator, units.parent_code as region_code, observed.period, observed.population_basis, observed.stratum,
        count(*) filter (where observed.status = 'suppressed') as hidden,
        count(*) filter (where observed.status = 'reported') as shown,
        coalesce(sum(observed.numerator), 0) as numerator,
        coalesce(sum(observed.denominator), 0) as denominator
    from {batch} as observed
    inner join units on observed.region_code = units.region_code
    group by observed.indicator, units.parent_code, observed.period, observed.population_basis, observed.stratum
),

-- what the hidden ones add up to; where all are hidden that is the whole, which is judged for itself
sums as (
    select
        groups.indicator, groups.region_code, groups.period, groups.population_basis, groups.stratum, groups.hidden,
        groups.shown, whole.status, indicators.suppression_threshold as least,
        indicators.is_numerator_of_persons as is_over, indicators.is_denominator_of_persons as is_under, indicators.is_gross,
        whole.numerator - groups.numerator as numerator,
        whole.denominator - groups.denominator as denominator,
        whole.denominator - whole.numerator - groups.denominator + groups.numerator as remainder
    from groups
    inner join {batch} as whole
        on groups.indicator = whole.indicator
            and groups.region_code = whole.region_code
            and groups.period = whole.period
            and groups.population_basis = whole.population_basis
            and groups.stratum = whole.stratum
    inner join marts.indicators as indicators on groups.indicator = indicators.indicator
    where groups.hidden > 0 or whole.status = 'suppressed'
)

select indicator, region_code, period, population_basis, stratum, hidden, shown
from sums
where (status = 'reported' and hidden = 1)
    or (status = 'suppressed' and shown > 0)
    or (
        shown > 0
        and (
            coalesce(is_over and numerator > 0 and numerator < least, false)
            or coalesce(is_under and denominator > 0 and denominator < least, false)
            or coalesce(is_over and is_under and not is_gross and remainder > 0 and remainder < least, false)
        )
    )
