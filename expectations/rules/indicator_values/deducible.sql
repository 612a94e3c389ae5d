-- title: 不公布的数不能由上级减去同级其他地区推算出来，也不能由全体和各组之和定在阈值以内
-- severity: critical
with units as (
    select
        region_code,
        case level when 'macro_region' then '320000' when 'city' then macro_region_code else city_code end as parent_code
    from marts.regions
    where valid_to is null and level in ('macro_region', 'city', 'county', 'zone')
),

-- who counts in the numerator and who does not, where both are persons; else each side
counts as (
    select
        observed.indicator, observed.region_code, observed.period, observed.population_basis, observed.stratum, sides.part,
        coalesce(observed.status, '') = 'suppressed' as is_hidden, contains(coalesce(observed.flags, ''), 'held') as is_held,
        indicators.suppression_threshold as threshold, indicators.is_sensitive,
        case sides.part
            when 'numerator' then observed.numerator
            when 'denominator' then observed.denominator
            else observed.denominator - observed.numerator
        end as persons
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    cross join (values ('numerator'), ('denominator'), ('remainder')) as sides (part)
    where case sides.part
        when 'numerator' then indicators.is_numerator_of_persons
        when 'denominator' then indicators.is_denominator_of_persons and (indicators.is_gross or not indicators.is_numerator_of_persons)
        else indicators.is_numerator_of_persons and indicators.is_denominator_of_persons and not indicators.is_gross
    end
),

cells as (
    select counts.*, coalesce(totals.persons, 0) as total, counts.is_sensitive or counts.stratum = 'all' as is_open
    from counts
    left join counts as totals
        on counts.indicator = totals.indicator
            and counts.region_code = totals.region_code
            and counts.period = totals.period
            and counts.population_basis = totals.population_basis
            and counts.part = totals.part
            and totals.stratum = 'all'
),

-- each region beside the one that it is a part of
parts as (
    select
        below.*, units.parent_code,
        above.persons as persons_above, above.is_hidden as is_hidden_above, above.is_held as is_held_above
    from cells as below
    inner join units on below.region_code = units.region_code
    inner join cells as above
        on below.indicator = above.indicator
            and units.parent_code = above.region_code
            and below.period = above.period
            and below.population_basis = above.population_basis
            and below.stratum = above.stratum
            and below.part = above.part
),

-- what the hidden ones under a shown region add up to in their stratum, and in all
groups as (
    select
        indicator, parent_code, period, population_basis, stratum, part,
        count(*) filter (where is_hidden) as hidden,
        max(persons_above) - coalesce(sum(persons) filter (where not is_hidden), 0) as those,
        sum(total) filter (where is_hidden) as of_all
    from parts
    where persons_above is not null
    group by indicator, parent_code, period, population_basis, stratum, part
    having bool_or(is_hidden) and not bool_or(is_held)
),

-- each is at least what the other strata leave, at most the whole of its own or the sum; no more is due than there is at all
bounds as (
    select
        groups.*, cells.total, cells.is_open,
        case when cells.is_open then 0 else greatest(0, cells.total + groups.those - groups.of_all) end as low,
        case
            when cells.is_open then case when groups.hidden = 1 then 0 else groups.those end
            else least(cells.total, groups.those, groups.of_all - groups.those, groups.of_all - cells.total)
        end as width,
        case
            when cells.is_open then least(cells.threshold, whole.persons)
            else least(
                cells.threshold, cells.total, whole.persons, whole.total - whole.persons, whole.total - cells.total
            )
        end as due
    from groups
    inner join units on groups.parent_code = units.parent_code
    inner join cells
        on groups.indicator = cells.indicator
            and units.region_code = cells.region_code
            and groups.period = cells.period
            and groups.population_basis = cells.population_basis
            and groups.stratum = cells.stratum
            and groups.part = cells.part
            and cells.is_hidden
    inner join cells as whole
        on groups.indicator = whole.indicator
            and whole.region_code = '320000'
            and groups.period = whole.period
            and groups.population_basis = whole.population_basis
            and groups.stratum = whole.stratum
            and groups.part = whole.part
    where groups.those > 0
),

told as (
    select indicator, parent_code as region_code, period, population_basis, stratum, hidden
    from bounds
    group by indicator, parent_code, period, population_basis, stratum, part, hidden
    having bool_or(low > 0 and width < due) or bool_and(width < due) filter (where total > 0)
    union all
    -- a region is what its parts add up to
    select indicator, parent_code as region_code, period, population_basis, stratum, 0 as hidden
    from parts
    where is_hidden_above and not is_held_above
    group by indicator, parent_code, period, population_basis, stratum, part
    having not bool_or(is_hidden) and sum(persons) > 0
)

select distinct indicator, region_code, period, population_basis, stratum, hidden
from told
