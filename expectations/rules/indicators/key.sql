-- title: 指标标识与序号各不重复
-- severity: critical
select 'indicator' as key, indicator as value, count(*) as times from {batch} group by indicator having count(*) > 1
union all
select 'sequence' as key, concat(plan, ' ', sequence) as value, count(*) as times
from {batch}
group by plan, sequence
having count(*) > 1
