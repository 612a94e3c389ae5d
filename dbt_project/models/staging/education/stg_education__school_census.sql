-- one row per school and school year
with schools as (select * from {{ source('education', 'school_census') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    schools.school_id,
    coalesce(successions.region_code, schools.county_code) as region_code,
    schools.township_code,
    schools.period,
    schools.school_type,
    schools.star_rating,
    cast(schools.enrolment as decimal(18, 4)) as enrolment,
    cast(coalesce(schools.enrol_five_year_upper, 0) as decimal(18, 4)) as enrolment_five_year_upper,
    schools.graduates,
    schools.oversize_class_count,
    schools.is_standard_met,
    schools.has_after_school
from schools
left join successions on schools.county_code = successions.former_code
