-- title: 县和功能区的全体减去各组（分组不详的）不少于阈值，或者各组不公布
-- severity: critical
with blocks (stratum, block) as (values ('urban', 'area'), ('rural', 'area'), ('local', 'residence'), ('migrant', 'residence')),

strata as (
    select
        observed.indicator, observed.region_code, observed.period, observed.population_basis, blocks.block,
        sum(observed.numerator) as numerator, sum(observed.denominator) as denominator
    from {batch} as observed
    inner join blocks on observed.stratum = blocks.stratum
    group by observed.indicator, observed.region_code, observed.period, observed.population_basis, blocks.block
    having count(observed.denominator) = 2
),

unknown as (
    select
        strata.*, indicators.suppression_threshold as least, indicators.is_gross,
        indicators.is_numerator_of_persons as is_over, indicators.is_denominator_of_persons as is_under,
        whole.numerator - strata.numerator as over_unknown,
        whole.denominator - strata.denominator as under_unknown
    from strata
    inner join {batch} as whole
        on strata.indicator = whole.indicator
            and strata.region_code = whole.region_code
            and strata.period = whole.period
            and strata.population_basis = whole.population_basis
            and whole.stratum = 'all'
            and not contains(coalesce(whole.flags, ''), 'held')
    inner join marts.indicators as indicators on strata.indicator = indicators.indicator
    semi join marts.regions as regions on strata.region_code = regions.region_code and regions.level in ('county', 'zone')
)

select indicator, region_code, period, population_basis, block
from unknown
where coalesce(is_over and over_unknown > 0 and over_unknown < least, false)
    or coalesce(is_under and under_unknown > 0 and under_unknown < least, false)
    or coalesce(
        is_over and is_under and not is_gross
        and under_unknown - over_unknown > 0 and under_unknown - over_unknown < least,
        false
    )
