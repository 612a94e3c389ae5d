-- one row per count of persons below the province that must not be small, of a sensitive indicator or of a stratum, whether or
-- not there is one now; secret: those of it that nobody can tell from the total (methods.md 10)
with recursive guarded as (select * from {{ ref('int_indicators') }} where suppression_threshold is not null),

blocks (stratum, block) as (
    values ('all', 'all'), ('urban', 'area'), ('rural', 'area'), ('local', 'residence'), ('migrant', 'residence')
),

-- what is hidden of one indicator must not be shown by another that counts the same persons: they are hidden together
shared as (
    select distinct formulas.indicator, formulas.measure
    from {{ ref('int_formulas__declared') }} as formulas
    inner join guarded on formulas.indicator = guarded.indicator
    where formulas.detail = 'headline' and formulas.is_of_persons
),

relatives (indicator, relative) as (
    select indicator, indicator from shared
    union
    select relatives.indicator, other.indicator
    from relatives
    inner join shared as one on relatives.relative = one.indicator
    inner join shared as other on one.measure = other.measure
),

families as (select indicator, min(relative) as family from relatives group by indicator),

computed as (select * from {{ ref('int_values__computed') }} where detail = 'headline'),

cells as (
    select
        guarded.*,
        families.family,
        -- the strata of a total that is hidden are hidden with it
        case when guarded.is_sensitive then 'all' else blocks.block end as block,
        guarded.is_sensitive or blocks.block <> 'all' as is_guarded,
        spine.region_code,
        spine.period,
        spine.population_basis,
        spine.stratum,
        computed.numerator,
        computed.denominator,
        case when spine.level = 'zone' then 'county' else spine.level end as level,
        case spine.level
            when 'macro_region' then '320000' when 'city' then regions.macro_region_code else regions.city_code
        end as parent_code
    from {{ ref('int_spine') }} as spine
    inner join guarded on spine.indicator = guarded.indicator
    inner join families on spine.indicator = families.indicator
    inner join blocks on spine.stratum = blocks.stratum
    inner join {{ ref('int_regions') }} as regions on spine.region_code = regions.region_code
    left join computed
        on
            spine.indicator = computed.indicator
            and spine.region_code = computed.region_code
            and spine.period = computed.period
            and spine.population_basis = computed.population_basis
            and spine.stratum = computed.stratum
    where spine.level <> 'province' and not spine.is_below_lowest_level
),

counts as (
    {% for counted, persons, condition in [
        ('numerator', 'numerator', 'is_numerator_of_persons'),
        ('denominator', 'denominator', 'is_denominator_of_persons'),
        ('remainder', 'denominator - numerator', 'is_numerator_of_persons and is_denominator_of_persons and not is_gross'),
    ] %}
        select
            indicator, family, period, block, level, parent_code, region_code, population_basis, stratum, is_guarded,
            '{{ counted }}' as counted, suppression_threshold, {{ persons }} as persons,
            case when is_gross then {{ persons }} else denominator end as whole
        from cells
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- it is known which county has no village: where nobody's area is unknown its one stratum is the total, which is shown
plain as (
    select counts.indicator, counts.period, counts.block, counts.region_code, counts.population_basis, counts.counted
    from counts
    inner join counts as total
        on
            counts.indicator = total.indicator
            and counts.period = total.period
            and counts.region_code = total.region_code
            and counts.population_basis = total.population_basis
            and counts.counted = total.counted
            and total.stratum = 'all'
    where counts.level = 'county' and counts.block <> 'all'
    group by counts.indicator, counts.period, counts.block, counts.region_code, counts.population_basis, counts.counted
    having min(counts.whole) = 0 and sum(counts.whole) = max(total.whole)
),

told as (
    select
        counts.indicator, counts.period, counts.population_basis, counts.stratum, counts.counted, ancestors.ancestor_code,
        sum(counts.persons) as persons
    from counts
    inner join plain
        on
            counts.indicator = plain.indicator
            and counts.period = plain.period
            and counts.block = plain.block
            and counts.region_code = plain.region_code
            and counts.population_basis = plain.population_basis
            and counts.counted = plain.counted
    inner join {{ ref('int_regions__ancestors') }} as ancestors on counts.region_code = ancestors.region_code
    group by counts.indicator, counts.period, counts.population_basis, counts.stratum, counts.counted, ancestors.ancestor_code
)

select
    counts.indicator,
    counts.family,
    counts.period,
    counts.block,
    counts.level,
    counts.parent_code,
    counts.region_code,
    counts.population_basis,
    counts.stratum,
    counts.counted,
    counts.suppression_threshold,
    counts.persons,
    counts.persons - coalesce(told.persons, 0) as secret
from counts
left join told
    on
        counts.indicator = told.indicator
        and counts.period = told.period
        and counts.population_basis = told.population_basis
        and counts.stratum = told.stratum
        and counts.counted = told.counted
        and counts.region_code = told.ancestor_code
where counts.is_guarded
