-- one row per indicator, other reading of it or breakdown, stratum, region, period and basis for which there is a value
with levels (level, depth) as (
    values ('province', 1), ('macro_region', 2), ('city', 3), ('county', 4), ('zone', 4)
),

-- while a change of an indicator is held, they would tell it
held as (select distinct indicator, period from {{ ref('int_cells__hidden') }} where is_held and stratum = 'all'),

computed as (
    select computed.*
    from {{ ref('int_values__computed') }} as computed
    left join held on computed.indicator = held.indicator and computed.period = held.period
    where computed.value is not null and held.indicator is null
)

select
    details.indicator,
    details.detail,
    computed.stratum,
    computed.region_code,
    computed.period,
    computed.population_basis,
    details.name_zh,
    coalesce(computed.period_kind, 'year') as period_kind,
    {{ centre('computed.period', 'computed.period_kind') }} as centre_period,
    case when computed.covered_share < 1 then 'partial' end as flags,
    cast(computed.numerator as decimal(28, 6)) as numerator,
    cast(computed.denominator as decimal(28, 6)) as denominator,
    computed.value,
    cast(computed.value_lower as double) as value_lower,
    cast(computed.value_upper as double) as value_upper
from {{ ref('stg_plan__details') }} as details
inner join computed on details.indicator = computed.indicator and details.detail = computed.detail
inner join {{ ref('int_regions') }} as regions on computed.region_code = regions.region_code
inner join levels on regions.level = levels.level
inner join levels as lowest on details.lowest_level = lowest.level
where
    levels.depth <= lowest.depth
    and (details.is_by_stratum or computed.stratum = 'all')
    and (computed.population_basis <> 'census_2010' or levels.depth < 4)
