-- one row per count of persons below the province that must not be small: of a sensitive indicator, or of a stratum (methods.md 10)
with guarded as (select * from {{ ref('int_indicators') }} where suppression_threshold is not null),

blocks (stratum, block) as (
    values ('all', 'all'), ('urban', 'area'), ('rural', 'area'), ('local', 'residence'), ('migrant', 'residence')
),

-- what is hidden of one indicator must not be shown by another that counts the same persons: they are hidden together
shared as (
    select distinct formulas.indicator, formulas.measure
    from {{ ref('stg_plan__formulas') }} as formulas
    inner join guarded on formulas.indicator = guarded.indicator
    inner join {{ ref('int_measures__declared') }} as declared on formulas.measure = declared.measure
    where formulas.detail = 'headline' and declared.is_of_persons
),

families as (
    select one.indicator, min(other.indicator) as family
    from shared as one
    inner join shared as other on one.measure = other.measure
    group by one.indicator
),

cells as (
    select
        guarded.*,
        families.family,
        blocks.block,
        computed.region_code,
        computed.period,
        computed.population_basis,
        computed.stratum,
        computed.numerator,
        computed.denominator,
        case when spine.level = 'zone' then 'county' else spine.level end as level,
        case spine.level
            when 'macro_region' then '320000' when 'city' then regions.macro_region_code else regions.city_code
        end as parent_code
    from {{ ref('int_values__computed') }} as computed
    inner join {{ ref('int_spine') }} as spine
        on
            computed.indicator = spine.indicator
            and computed.region_code = spine.region_code
            and computed.period = spine.period
            and computed.population_basis = spine.population_basis
            and computed.stratum = spine.stratum
    inner join guarded on computed.indicator = guarded.indicator
    inner join families on computed.indicator = families.indicator
    inner join blocks on computed.stratum = blocks.stratum
    inner join {{ ref('int_regions') }} as regions on computed.region_code = regions.region_code
    where
        computed.detail = 'headline'
        and spine.level <> 'province'
        and not spine.is_below_lowest_level
        and (guarded.is_sensitive or blocks.block <> 'all')
)

{% for counted, persons, condition in [
    ('numerator', 'numerator', 'is_numerator_of_persons'),
    ('denominator', 'denominator', 'is_denominator_of_persons'),
    ('remainder', 'denominator - numerator', 'is_numerator_of_persons and is_denominator_of_persons and not is_gross'),
] %}
select
    indicator, family, period, block, level, parent_code, region_code, population_basis, stratum,
    '{{ counted }}' as counted, suppression_threshold, {{ persons }} as persons
from cells
where {{ condition }}
{{ 'union all' if not loop.last }}
{% endfor %}
