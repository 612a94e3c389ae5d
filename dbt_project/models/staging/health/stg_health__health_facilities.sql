-- one row per institution with beds and year
with facilities as (select * from {{ source('health', 'health_facilities') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    facilities.institution_id,
    coalesce(successions.region_code, facilities.county_code) as region_code,
    facilities.period,
    facilities.institution_type,
    facilities.grade,
    cast(facilities.beds as decimal(18, 4)) as beds,
    cast(facilities.beds_approved as decimal(18, 4)) as beds_approved,
    facilities.is_tcm,
    facilities.open_date,
    facilities.close_date
from facilities
left join successions on facilities.county_code = successions.former_code
