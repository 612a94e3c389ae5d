-- one row per student and exit from a school
with exits as (select * from {{ source('education', 'graduate_exits') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    exits.student_key,
    coalesce(successions.region_code, exits.county_code) as region_code,
    exits.period,
    exits.exit_level,
    exits.exit_status,
    exits.next_destination,
    cast(exits.years_completed as decimal(18, 4)) as years_completed,
    exits.exit_date,
    exits.record
from exits
left join successions on exits.county_code = successions.former_code
