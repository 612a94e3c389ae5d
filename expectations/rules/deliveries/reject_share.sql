-- title: 采用的交付隔离行不超过1%
-- severity: warning
select
    delivery_id, department, dataset, period, rows_read, rows_rejected,
    round(100 * rows_rejected / cast(rows_read as double), 2) as rejected_pct
from {batch}
where outcome = 'accepted' and coalesce(rows_rejected > 0.01 * rows_read, false)
