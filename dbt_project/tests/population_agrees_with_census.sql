-- 普查年的年末常住人口与普查人口相差不超过1%（按设区市）
{{ config(severity='warn') }}
with measures as (select * from {{ ref('int_measures') }}),

ancestors as (select * from {{ ref('int_regions__ancestors') }}),

cities as (
    select
        ancestors.ancestor_code,
        measures.population_basis,
        sum(case when measures.measure = 'census_population' then measures.value end) as census,
        sum(case when measures.measure = 'population_year_end' then measures.value end) as resident
    from measures
    inner join ancestors on measures.region_code = ancestors.region_code
    where
        measures.measure in ('census_population', 'population_year_end')
        and measures.population_basis = 'census_' || measures.period
        and ancestors.ancestor_code <> ancestors.region_code
    group by ancestors.ancestor_code, measures.population_basis
)

select ancestor_code, population_basis, census, resident
from cities
where census is not null and resident is not null and abs(resident - census) > 0.01 * census
