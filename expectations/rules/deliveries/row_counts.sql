-- title: 读取行数等于接收与隔离行数之和，采用的交付有数据；只有分市文件可以都不公布
-- severity: critical
select delivery_id, department, dataset, period, outcome, rows_read, rows_accepted, rows_rejected
from {batch}
where coalesce(outcome, '') <> 'refused'
    and not coalesce(scope <> '320000' and coalesce(rows_read, rows_accepted, rows_rejected) is null, false)
    and (
        rows_read is distinct from rows_accepted + rows_rejected
        or coalesce(rows_accepted, 0) <= 0
        or coalesce(rows_rejected, -1) < 0
    )
