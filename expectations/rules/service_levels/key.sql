-- title: 交付时效的键（数据集、时期、填报范围）不重复
-- severity: critical
select department, dataset, period, scope, count(*) as times
from {batch}
group by department, dataset, period, scope
having count(*) > 1
