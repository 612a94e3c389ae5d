-- one row per delivery of a department
select
    delivery_id,
    department,
    dataset,
    period,
    scope,
    case when outcome = 'refused' then 'refused' when is_accepted then 'accepted' else 'superseded' end as outcome,
    source_file,
    source_sha256,
    contract_version,
    reason,
    message_zh,
    rows_read,
    rows_accepted,
    rows_rejected,
    cast(greatest(coalesce(received_date - due_date, 0), 0) as integer) as days_late,
    due_date,
    received_at
from {{ ref('stg_lake__deliveries') }}
where department <> 'plan'
