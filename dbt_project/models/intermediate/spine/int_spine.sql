-- one row per indicator, region, period, basis and stratum that a value is expected for, whether or not there is one
with levels (level, depth) as (
    values ('province', 1), ('macro_region', 2), ('city', 3), ('county', 4), ('zone', 4)
),

strata as (
    select indicator, 'all' as stratum from {{ ref('stg_plan__indicators') }}
    union all
    select indicator, stratum from {{ ref('stg_plan__strata') }}
)

select
    indicators.indicator,
    regions.region_code,
    periods.period,
    bases.population_basis,
    strata.stratum,
    -- a county has too few deaths in a year: three are pooled
    case
        when indicators.formula_kind = 'life_table' and levels.depth = 4 then 'pooled_3_years' else periods.period_kind
    end as period_kind,
    regions.level,
    coalesce(regions.city_code, regions.region_code) as reporting_area,
    levels.depth > lowest.depth as is_below_lowest_level,
    bases.rank = 1 and strata.stratum = 'all' as is_headline
from {{ ref('stg_plan__indicators') }} as indicators
inner join {{ ref('stg_plan__bases') }} as bases on indicators.indicator = bases.indicator
inner join strata on indicators.indicator = strata.indicator
cross join {{ ref('int_regions') }} as regions
cross join {{ ref('int_periods') }} as periods
inner join levels on regions.level = levels.level
inner join levels as lowest on indicators.lowest_level = lowest.level
-- the series on the 2010 census end with 2020 (methods.md 1), and are not published for counties, some of which were others then
where bases.population_basis <> 'census_2010' or (periods.period <= '2020' and levels.depth < 4)
