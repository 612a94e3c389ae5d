-- one row per count of persons below the province, of a sensitive indicator or of one with strata, whether or not there is one
-- now; and how many persons are behind it (methods.md 10)
with guarded as (select * from {{ ref('int_indicators') }} where suppression_threshold is not null),

blocks (stratum, block) as (
    values ('all', 'all'), ('urban', 'area'), ('rural', 'area'), ('local', 'residence'), ('migrant', 'residence')
),

computed as (select * from {{ ref('int_values__computed') }} where detail = 'headline'),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

-- each person once, in one county: so a sum of counties has no person twice
behind as (
    select
        declared.indicator, persons.counted, measures.period, measures.stratum, ancestors.ancestor_code as region_code,
        sum(measures.value) as persons
    from {{ ref('int_persons__declared') }} as persons
    inner join {{ ref('stg_plan__formulas') }} as declared
        on persons.measure = declared.measure and declared.detail = 'headline' and declared.role in ('denominator', 'paid')
    inner join {{ ref('int_measures') }} as measures on persons.persons_measure = measures.measure
    inner join ancestors on measures.region_code = ancestors.region_code
    group by declared.indicator, persons.counted, measures.period, measures.stratum, ancestors.ancestor_code
),

cells as (
    select
        guarded.*,
        families.family,
        -- the strata of a total that is hidden are hidden with it
        case when guarded.is_sensitive then 'all' else blocks.block end as block,
        blocks.block as own_block,
        spine.region_code,
        spine.period,
        spine.population_basis,
        spine.stratum,
        computed.numerator,
        computed.denominator,
        case spine.level
            when 'macro_region' then '320000' when 'city' then regions.macro_region_code else regions.city_code
        end as parent_code
    from {{ ref('int_spine') }} as spine
    inner join guarded on spine.indicator = guarded.indicator
    inner join {{ ref('int_families__related') }} as families on spine.indicator = families.indicator
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
    {% for counted, value, condition in [
        ('numerator', 'numerator', 'is_numerator_of_persons'),
        ('denominator', 'denominator', 'is_denominator_of_persons'),
        ('remainder', 'denominator - numerator', 'is_numerator_of_persons and is_denominator_of_persons and not is_gross'),
    ] %}
        select
            indicator, family, period, block, own_block, parent_code, region_code, population_basis, stratum, suppression_threshold,
            is_sensitive or own_block <> 'all' as is_guarded,
            '{{ counted }}' as counted, {{ value }} as value
        from cells
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (select distinct indicator, counted from behind)

select
    counts.*,
    case when counted.indicator is null then counts.value else coalesce(behind.persons, 0) end as persons
from counts
left join counted
    on counts.indicator = counted.indicator and counts.counted = counted.counted
left join behind
    on
        counts.indicator = behind.indicator
        and counts.counted = behind.counted
        and counts.period = behind.period
        and counts.stratum = behind.stratum
        and counts.region_code = behind.region_code
