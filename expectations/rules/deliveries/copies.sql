-- title: 不同时期的交付不是同一份文件
-- severity: warning
select
    department, dataset, source_sha256, min(period) as first_period, max(period) as last_period, count(*) as deliveries
from {batch}
-- the register of divisions holds no year, and may stay as it is
where outcome = 'accepted' and concat(department, '/', dataset) <> 'statistics/divisions'
group by source_sha256, department, dataset
having count(distinct period) > 1
