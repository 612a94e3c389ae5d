{{ config(materialized='kept') }}
-- one row per region and year: students of senior-secondary education on the census day, each counted once
with todo as (select * from {{ pending() }}),

schools as (
    select census.*, todo.inputs_key, todo.year
    from {{ ref('stg_education__school_census') }} as census
    inner join todo on census.period = todo.year
    where census.school_type in ('senior_general', 'senior_vocational', 'technician')
),

register as (select * from {{ ref('stg_education__student_register') }}),

places as (
    select schools.inputs_key, schools.region_code, register.student_key, schools.school_type = 'technician' as is_technician
    from register
    inner join schools on register.school_id = schools.school_id and register.period = schools.year
    -- the last two of the five years of vocational college are higher education
    where register.status = 'enrolled' and (schools.school_type = 'technician' or register.grade <= 3)
),

counted_elsewhere as (select distinct inputs_key, student_key from places where not is_technician),

counted_twice as (
    select places.inputs_key, places.region_code, count(*) as students
    from places
    inner join counted_elsewhere on places.inputs_key = counted_elsewhere.inputs_key and places.student_key = counted_elsewhere.student_key
    where places.is_technician
    group by places.inputs_key, places.region_code
),

enrolled as (
    select inputs_key, region_code, year, sum(enrolment - enrolment_five_year_upper) as students
    from schools
    -- without a register nobody knows who is counted twice
    where year in (select period from register)
    group by inputs_key, region_code, year
),

counted as (
    select
        enrolled.inputs_key,
        enrolled.region_code,
        enrolled.year as period,
        enrolled.students - coalesce(counted_twice.students, 0) as senior_secondary_students
    from enrolled
    left join counted_twice on enrolled.inputs_key = counted_twice.inputs_key and enrolled.region_code = counted_twice.region_code
)

{{ melt('counted', ['senior_secondary_students']) }}
