-- title: 县级同比变化不超过该指标往年变化的6倍稳健标准差（MAD）
-- severity: warning
with observed as (
    select
        observed.indicator, observed.population_basis, observed.region_code, cast(observed.period as integer) as year,
        observed.value, indicators.published_decimals
    from {batch} as observed
    inner join marts.indicators as indicators on observed.indicator = indicators.indicator
    semi join marts.regions as regions
        on observed.region_code = regions.region_code and regions.valid_to is null and regions.level = 'county'
    -- rates of a few leap by chance
    where observed.stratum = 'all'
        and observed.period_kind in ('year', 'school_year')
        and observed.value is not null
        and coalesce(observed.denominator, 1000) >= 1000
),

changes as (
    select
        later.indicator, later.population_basis, later.region_code, later.year, later.published_decimals,
        later.value - earlier.value as change,
        max(later.year) over (partition by later.indicator, later.population_basis) as newest
    from observed as later
    inner join observed as earlier
        on later.indicator = earlier.indicator
            and later.population_basis = earlier.population_basis
            and later.region_code = earlier.region_code
            and later.year = earlier.year + 1
),

-- where most counties stand still, one unit of the last published digit is the least that is a change
usual as (
    select
        indicator, population_basis, median(change) as change,
        greatest(1.4826 * mad(change), power(10.0, -max(published_decimals))) as sigma
    from changes
    where year < newest
    group by indicator, population_basis
    having count(*) >= 30
)

select
    changes.indicator, changes.region_code, changes.year as period, changes.population_basis, 'all' as stratum,
    changes.change, usual.sigma
from changes
inner join usual on changes.indicator = usual.indicator and changes.population_basis = usual.population_basis
where changes.year = changes.newest and abs(changes.change - usual.change) > 6 * usual.sigma
