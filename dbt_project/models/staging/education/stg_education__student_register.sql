-- one row per student, school and school year
select
    student_key,
    school_id,
    hukou_county as hukou_county_code,
    period,
    status,
    grade,
    entry_year,
    is_technician,
    is_disabled,
    birth_date,
    transfer_in as transferred_in_date,
    transfer_out as transferred_out_date
from {{ source('education', 'student_register') }}
