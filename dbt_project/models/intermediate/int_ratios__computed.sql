-- one row per indicator, region, period, basis and stratum: the ratio of sums over the counties and zones that have both sides
with formulas as (select * from {{ ref('stg_plan__formulas') }} where kind in ('ratio', 'area_share')),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

sides as (
    select
        formulas.indicator,
        bases.population_basis,
        measures.region_code,
        measures.period,
        measures.stratum,
        max(case when formulas.role = 'numerator' then formulas.factor end) as factor,
        sum(case when formulas.role = 'numerator' then measures.value end) as numerator,
        sum(case when formulas.role = 'denominator' then measures.value end) as denominator
    from formulas
    inner join {{ ref('stg_plan__bases') }} as bases on formulas.indicator = bases.indicator
    inner join {{ ref('int_measures') }} as measures
        on formulas.measure = measures.measure and measures.population_basis in (bases.population_basis, 'none')
    group by formulas.indicator, bases.population_basis, measures.region_code, measures.period, measures.stratum
),

summed as (
    select
        sides.indicator,
        ancestors.ancestor_code as region_code,
        sides.period,
        sides.population_basis,
        sides.stratum,
        max(sides.factor) as factor,
        sum(case when sides.denominator is not null then sides.numerator end) as numerator,
        sum(case when sides.numerator is not null then sides.denominator end) as denominator,
        sum(sides.denominator) as denominator_known,
        sum(case when ancestors.is_county and sides.denominator is not null then 1 else 0 end) as counties_known
    from sides
    inner join ancestors on sides.region_code = ancestors.region_code
    group by sides.indicator, ancestors.ancestor_code, sides.period, sides.population_basis, sides.stratum
),

expected as (
    select ancestor_code, sum(case when is_county then 1 else 0 end) as counties from ancestors group by ancestor_code
)

-- the share of the denominator with a numerator, times the share of counties whose denominator is known
select
    summed.indicator,
    summed.region_code,
    summed.period,
    summed.population_basis,
    summed.stratum,
    summed.numerator,
    summed.denominator,
    cast(summed.factor * summed.numerator as double) / nullif(cast(summed.denominator as double), 0) as value,
    cast(summed.denominator as double) / nullif(cast(summed.denominator_known as double), 0)
    * case when expected.counties = 0 then 1 else cast(summed.counties_known as double) / expected.counties end as covered_share
from summed
inner join expected on summed.region_code = expected.ancestor_code
