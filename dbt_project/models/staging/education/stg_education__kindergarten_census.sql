-- one row per kindergarten and school year
with kindergartens as (select * from {{ source('education', 'kindergarten_census') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    kindergartens.kindergarten_id,
    coalesce(successions.region_code, kindergartens.county_code) as region_code,
    kindergartens.township_code,
    kindergartens.period,
    kindergartens.ownership,
    cast(kindergartens.enrol_under3 as decimal(18, 4)) as enrolment_under_3,
    cast(
        kindergartens.enrol_age3 + kindergartens.enrol_age4 + kindergartens.enrol_age5 + kindergartens.enrol_6plus
        as decimal(18, 4)
    ) as enrolment,
    kindergartens.is_estate_supporting,
    kindergartens.inclusive_from,
    kindergartens.inclusive_to
from kindergartens
left join successions on kindergartens.county_code = successions.former_code
