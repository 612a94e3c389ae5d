-- one row per indicator, detail (both sexes, men, women), region, period and population basis: deaths and person-years by age
-- group over the counties and zones that have both sides; of one year, but of several years for a county or zone (formulas.md 13)
with formulas as (select * from {{ ref('stg_plan__formulas') }} where kind = 'life_table' and detail = 'headline'),

choices as (
    select
        indicator,
        max(case when choice = 'county_pooled_years' then cast(value as integer) end) as pooled_years,
        max(case when choice = 'county_min_person_years' then value end) as min_person_years
    from {{ ref('stg_plan__choices') }}
    group by indicator
),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

sides as (
    select
        formulas.indicator,
        bases.population_basis,
        measures.region_code,
        measures.period,
        measures.stratum,
        case when measures.stratum like 'female%' then 'female' else 'male' end as sex,
        sum(case when formulas.role = 'deaths' then measures.value end) as deaths,
        sum(case when formulas.role = 'deaths_observed' then measures.value end) as deaths_observed,
        sum(case when formulas.role = 'population' then measures.value end) as person_years
    from formulas
    inner join {{ ref('stg_plan__bases') }} as bases on formulas.indicator = bases.indicator
    inner join {{ ref('int_measures') }} as measures
        on formulas.measure = measures.measure and measures.population_basis in (bases.population_basis, 'none')
    group by formulas.indicator, bases.population_basis, measures.region_code, measures.period, measures.stratum
),

periods as (select distinct indicator, population_basis, period from sides where person_years is not null),

series as (
    select indicator, population_basis, min(cast(period as integer)) as first_year from periods group by indicator, population_basis
),

-- a table closes with its period; a county's own reads the years before it, too
placed as (
    select
        sides.*,
        case when sides.deaths is not null then sides.person_years end as person_years_reported,
        ancestors.ancestor_code,
        sides.region_code = ancestors.ancestor_code as is_pooled,
        case when sides.region_code = ancestors.ancestor_code then choices.pooled_years else 1 end as years_wanted,
        periods.period as closing_period
    from sides
    inner join ancestors on sides.region_code = ancestors.region_code
    inner join choices on sides.indicator = choices.indicator
    inner join periods on sides.indicator = periods.indicator and sides.population_basis = periods.population_basis
    where
        sides.person_years is not null
        and cast(periods.period as integer) - cast(sides.period as integer)
        between 0 and case when sides.region_code = ancestors.ancestor_code then choices.pooled_years - 1 else 0 end
),

summed as (
    select
        placed.indicator,
        details.detail,
        placed.ancestor_code as region_code,
        placed.closing_period as period,
        placed.population_basis,
        bool_or(placed.is_pooled) as is_pooled,
        max(placed.years_wanted) as years_wanted,
        count(distinct case when placed.deaths is not null then placed.period end) as years,
        max(case when placed.deaths is not null then placed.period end) as newest_period,
        count(distinct placed.region_code) as units_known,
        sum(placed.deaths) as deaths,
        sum(placed.person_years) as person_years_known,
        sum(placed.person_years_reported) as person_years,
        {% for band, first, width in age_bands() %}
            {% for side in ['deaths', 'deaths_observed', 'person_years_reported'] %}
                sum(case when placed.stratum = placed.sex || '_{{ band }}' then placed.{{ side }} end) as {{ side.replace('_reported', '') }}_{{ band }},
            {% endfor %}
        {% endfor %}
        -- a table of one sex has no person-years of the other
        least(
            sum(case when placed.sex = 'male' then placed.person_years_reported end),
            sum(case when placed.sex = 'female' then placed.person_years_reported end)
        ) as person_years_of_a_sex
    from placed
    inner join (values ('headline', 'male'), ('headline', 'female'), ('male', 'male'), ('female', 'female')) as details (detail, sex)
        on placed.sex = details.sex
    group by placed.indicator, details.detail, placed.ancestor_code, placed.closing_period, placed.population_basis
),

expected as (select ancestor_code, count(*) as units from ancestors group by ancestor_code)

select
    summed.*,
    case when summed.years_wanted = 1 then 'year' else 'pooled_' || cast(summed.years_wanted as varchar) || '_years' end as period_kind,
    summed.years = summed.years_wanted as is_complete,
    case
        -- its last year, or one before it, is missing for a reason of its own
        when coalesce(summed.newest_period, '') <> summed.period then null
        when cast(summed.period as integer) - summed.years_wanted + 1 < series.first_year then 'few_years'
        when summed.years < summed.years_wanted then null
        when summed.is_pooled and summed.person_years_of_a_sex < choices.min_person_years then 'few_person_years'
    end as gap,
    cast(summed.person_years as double) / nullif(cast(summed.person_years_known as double), 0)
    * summed.units_known / expected.units as covered_share
from summed
inner join choices on summed.indicator = choices.indicator
inner join series on summed.indicator = series.indicator and summed.population_basis = series.population_basis
inner join expected on summed.region_code = expected.ancestor_code
