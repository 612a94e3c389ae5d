-- title: 交付标识不重复
-- severity: critical
select delivery_id, count(*) as times from {batch} group by delivery_id having count(*) > 1
