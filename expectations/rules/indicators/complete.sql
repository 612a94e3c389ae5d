-- title: “十四五”规划35项主要指标、13个领域齐全
-- severity: critical
with printed as (select * from {batch} where plan = '2021-2025' and sequence between 1 and 35)

select 'sequence' as missing, cast(expected.sequence as varchar) as found
from range(1, 36) as expected (sequence)
anti join printed on expected.sequence = printed.sequence
union all
select 'domains' as missing, cast(count(distinct domain) as varchar) as found
from printed
having count(distinct domain) <> 13
