-- one row per code of these tables and column that it stands in: statuses, flags, reasons, kinds, departments, datasets
with names (column_name, code, name_zh, name_en, meaning_zh) as (
    values {{ names() }}
)

select column_name, code, name_zh, name_en, meaning_zh
from {{ ref('stg_plan__vocabulary') }}
union all
select column_name, code, min(name_zh) as name_zh, min(name_en) as name_en, min(meaning_zh) as meaning_zh
from names
where code is not null
group by column_name, code
