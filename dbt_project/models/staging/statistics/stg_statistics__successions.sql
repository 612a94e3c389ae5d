-- one row per abolished division code: the code that stands for its area today
with recursive divisions as (select * from {{ ref('stg_statistics__divisions') }}),

steps as (
    select region_code as former_code, successor_code as region_code
    from divisions
    where valid_to is not null and successor_code is not null
    union all
    select steps.former_code, divisions.successor_code
    from steps
    inner join divisions on steps.region_code = divisions.region_code
    where divisions.valid_to is not null and divisions.successor_code is not null
)

select steps.former_code, steps.region_code
from steps
inner join divisions on steps.region_code = divisions.region_code
where divisions.valid_to is null
