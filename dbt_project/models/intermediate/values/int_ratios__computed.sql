-- one row per indicator, detail, region, period, basis and stratum: the ratio of sums over the counties and zones that have
-- both sides; measures that do not add up are counted at every level, and taken there
with formulas as (
    select distinct
        indicator,
        detail,
        kind,
        role,
        measure,
        factor,
        is_additive,
        -- what is paid less what is paid wrongly or left unpaid, over what is paid (plan note 5)
        case when role in ('numerator', 'paid') then 1 when role in ('wrong', 'omitted') then -1 end as over_sign,
        case when role in ('denominator', 'paid') then 1 end as under_sign
    from {{ ref('int_formulas__declared') }}
    where kind in ('ratio', 'area_share', 'mean', 'precision')
),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

sides as (
    select
        formulas.indicator,
        formulas.detail,
        bases.population_basis,
        measures.region_code,
        measures.period,
        measures.stratum,
        bool_and(formulas.is_additive) as is_additive,
        max(formulas.factor) as factor,
        -- without its audits a payment is not known to be right
        case
            when max(formulas.kind) <> 'precision' or count(distinct formulas.role) = 3
                then sum(formulas.over_sign * measures.value)
        end as numerator,
        sum(formulas.under_sign * measures.value) as denominator
    from formulas
    inner join {{ ref('stg_plan__bases') }} as bases on formulas.indicator = bases.indicator
    inner join {{ ref('int_measures') }} as measures
        on formulas.measure = measures.measure and measures.population_basis in (bases.population_basis, 'none')
    group by formulas.indicator, formulas.detail, bases.population_basis, measures.region_code, measures.period, measures.stratum
),

placed as (
    select sides.*, ancestors.ancestor_code
    from sides
    inner join ancestors on sides.region_code = ancestors.region_code
    where sides.is_additive
    union all
    select sides.*, sides.region_code as ancestor_code from sides where not sides.is_additive
),

summed as (
    select
        indicator,
        detail,
        ancestor_code as region_code,
        period,
        population_basis,
        stratum,
        bool_and(is_additive) as is_additive,
        max(factor) as factor,
        sum(case when denominator is not null then numerator end) as numerator,
        sum(case when numerator is not null then denominator end) as denominator,
        sum(denominator) as denominator_known,
        -- one that has nobody has no weight below: it is known where both sides are
        count(case when denominator > 0 or numerator is not null then denominator end) as units_known
    from placed
    group by indicator, detail, ancestor_code, period, population_basis, stratum
),

expected as (
    select ancestor_code, count(*) as units from ancestors group by ancestor_code
)

-- covered: the share of the denominator with a numerator, times the share of counties and zones whose denominator is
-- known; what is counted at its own level is there in whole
select
    summed.indicator,
    summed.detail,
    summed.region_code,
    summed.period,
    summed.population_basis,
    summed.stratum,
    summed.numerator,
    summed.denominator,
    cast(summed.factor * summed.numerator as double) / nullif(cast(summed.denominator as double), 0) as value,
    case
        when not summed.is_additive then 1
        else
            cast(summed.denominator as double) / nullif(cast(summed.denominator_known as double), 0)
            * summed.units_known / expected.units
    end as covered_share
from summed
inner join expected on summed.region_code = expected.ancestor_code
