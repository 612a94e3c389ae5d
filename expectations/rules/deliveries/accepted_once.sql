-- title: 每个数据集、时期、填报范围收下的交付中恰有一次采用
-- severity: critical
select department, dataset, period, scope, count(*) filter (where outcome = 'accepted') as accepted
from {batch}
where outcome in ('accepted', 'superseded')
group by department, dataset, period, scope
having count(*) filter (where outcome = 'accepted') <> 1
