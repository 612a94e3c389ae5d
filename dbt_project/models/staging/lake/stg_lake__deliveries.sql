-- one row per delivery
select
    delivery_id,
    department,
    dataset,
    department || '/' || dataset as dataset_name,
    contract_version,
    period,
    left(period, 4) as year,
    scope,
    outcome,
    reason,
    message_zh,
    -- a file whose name may hold a citizen's number, by its shape in the receipt, is told by a name of our own
    case
        when not regexp_matches(source_file, '[0-9０-９]{15}') then source_file
        else concat_ws('_', dataset, period, delivery_id, case when is_simulated then '模拟数据' end)
    end as source_file,
    source_sha256,
    rows_read,
    rows_accepted,
    rows_rejected,
    is_accepted,
    is_simulated,
    sandbox_scale,
    due_date,
    -- the days of contracts are China's
    cast(received_at at time zone 'Asia/Shanghai' as date) as received_date,
    cast(received_at at time zone 'UTC' as timestamp) as received_at,
    cast(arrived_at at time zone 'UTC' as timestamp) as arrived_at
from {{ source('lake', 'deliveries') }}
