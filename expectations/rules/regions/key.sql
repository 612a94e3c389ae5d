-- title: 同一地区代码的有效期不重复、不重叠，停用晚于启用
-- severity: critical
with spans as (
    select
        region_code,
        valid_from,
        valid_to,
        lead(valid_from) over (partition by region_code order by valid_from, valid_to) as next_from
    from {batch}
)

select region_code, valid_from, valid_to, next_from
from spans
where valid_from is null
    or coalesce(valid_to <= valid_from, false)
    or coalesce(next_from < coalesce(valid_to, cast('9999-12-31' as date)), false)
