-- one row per division and span of validity, as the newest delivery has it
with divisions as (select * from {{ source('statistics', 'divisions') }}),

newest as (select max(period) as period from divisions)

select
    divisions.division_code as region_code,
    divisions.valid_from,
    divisions.valid_to,
    divisions.parent_code,
    divisions.successor_code,
    divisions.level,
    divisions.name as name_zh,
    divisions.unit_type,
    divisions.macro_region as macro_region_code,
    divisions.urban_rural_code,
    divisions.is_eval_unit
from divisions
inner join newest on divisions.period = newest.period
