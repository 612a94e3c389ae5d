-- title: 敏感指标所用的分市文件不公布行数
-- severity: critical
with private as (
    select distinct unnest(string_split(datasets, ';')) as dataset_name from marts.indicators where is_sensitive
)

select deliveries.delivery_id, deliveries.department, deliveries.dataset, deliveries.period, deliveries.outcome
from {batch} as deliveries
inner join private on concat(deliveries.department, '/', deliveries.dataset) = private.dataset_name
where coalesce(deliveries.scope <> '320000', false)
    and (
        coalesce(deliveries.rows_read, deliveries.rows_accepted, deliveries.rows_rejected) is not null
        or coalesce(regexp_matches(deliveries.message_zh, '[0-9]'), false)
    )
