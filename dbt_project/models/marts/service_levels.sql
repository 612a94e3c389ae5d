-- one row per dataset, period and reporting area of which a delivery is due or has come
select
    department,
    dataset,
    period,
    scope,
    state,
    cast(deliveries as integer) as deliveries,
    cast(days_late as integer) as days_late,
    due_date,
    received_at
from {{ ref('int_deliveries__expected') }}
where state <> 'not_due'
