-- title: 读取行数等于接收与隔离行数之和，采用的交付有数据
-- severity: critical
select delivery_id, department, dataset, period, outcome, rows_read, rows_accepted, rows_rejected
from {batch}
where coalesce(outcome, '') <> 'refused'
    and (
        rows_read is distinct from rows_accepted + rows_rejected
        or coalesce(rows_accepted, 0) <= 0
        or coalesce(rows_rejected, -1) < 0
    )
