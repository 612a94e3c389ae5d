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
    source_file,
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
    cast(received_at at time zone 'UTC' as timestamp) as received_at
from {{ source('lake', 'deliveries') }}
