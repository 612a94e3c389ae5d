-- one row per count that must not be small: those of a stratum, of the unknown (all less the strata), and of all where an indicator
-- is sensitive; with what it was in the last publication and, while it is hidden, at the least in any since when (methods.md 10)
with counts as (select * from {{ ref('int_counts__guarded') }}),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

-- where no stratum has come all is known to be unknown
strata as (
    select
        indicator, period, region_code, population_basis, counted, block, own_block || '_unknown' as stratum,
        sum(value) as value, sum(persons) as persons
    from counts
    where stratum <> 'all'
    group by indicator, period, region_code, population_basis, counted, block, own_block
    having count(value) = 2
),

unknown as (
    select
        totals.indicator, totals.family, totals.period, strata.block, totals.population_basis, strata.stratum, totals.counted,
        totals.suppression_threshold, ancestors.ancestor_code as region_code,
        sum(totals.value - strata.value) as value, sum(totals.persons - strata.persons) as persons
    from strata
    inner join counts as totals
        on
            strata.indicator = totals.indicator
            and strata.period = totals.period
            and strata.region_code = totals.region_code
            and strata.population_basis = totals.population_basis
            and strata.counted = totals.counted
            and totals.stratum = 'all'
    inner join ancestors on totals.region_code = ancestors.region_code
    group by
        totals.indicator, totals.family, totals.period, strata.block, totals.population_basis, strata.stratum, totals.counted,
        totals.suppression_threshold, ancestors.ancestor_code
),

parents as (select distinct region_code, parent_code from counts),

all_counts as (
    select
        indicator, family, period, block, parent_code, region_code, population_basis, stratum, counted, suppression_threshold,
        value, least(value, persons) as persons
    from counts
    where is_guarded
    union all
    select
        unknown.indicator, unknown.family, unknown.period, unknown.block, parents.parent_code, unknown.region_code,
        unknown.population_basis, unknown.stratum, unknown.counted, unknown.suppression_threshold,
        unknown.value, least(unknown.value, unknown.persons) as persons
    from unknown
    inner join parents on unknown.region_code = parents.region_code
)

select
    all_counts.*,
    remembered.value as was,
    -- hidden by a publication before there was a memory of it
    coalesce(remembered.least, case when remembered.indicator is null and suppressed.indicator is not null then coalesce(all_counts.value, 0) end) as least,
    coalesce(remembered.since, case when remembered.indicator is null and suppressed.indicator is not null then 1 end) as since
from all_counts
left join {{ ref('stg_lake__guarded_counts') }} as remembered
    on
        all_counts.indicator = remembered.indicator
        and all_counts.period = remembered.period
        and all_counts.region_code = remembered.region_code
        and all_counts.population_basis = remembered.population_basis
        and all_counts.stratum = remembered.stratum
        and all_counts.counted = remembered.counted
left join {{ ref('stg_lake__suppressed_cells') }} as suppressed
    on
        all_counts.indicator = suppressed.indicator
        and all_counts.period = suppressed.period
        and all_counts.region_code = suppressed.region_code
        and all_counts.stratum = suppressed.stratum
