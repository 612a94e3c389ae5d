-- one row per county, kind of support, urban or rural, span of validity and year of the list
with standards as (select * from {{ source('civil_affairs', 'minimum_standards') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    standards.area_code,
    coalesce(successions.region_code, standards.area_code) as region_code,
    standards.period,
    standards.kind,
    standards.urban_rural,
    cast(standards.amount_per_month as decimal(18, 4)) as amount_per_month_cny,
    standards.valid_from,
    standards.valid_to
from standards
left join successions on standards.area_code = successions.former_code
