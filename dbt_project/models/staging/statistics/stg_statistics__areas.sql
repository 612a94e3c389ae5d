-- one row per township code: whether it is urban or rural, by the first digit of its urban-rural code (统计用城乡分类代码)
select
    region_code as township_code,
    case left(urban_rural_code, 1) when '1' then 'urban' when '2' then 'rural' end as area
from {{ ref('stg_statistics__divisions') }}
where level = 'township' and valid_to is null
