-- title: 有采用的交付的各期为按时或迟交，其他为退回或缺；迟交的天数大于0
-- severity: critical
with accepted as (select distinct department, dataset, period, scope from marts.deliveries where outcome = 'accepted')

select levels.department, levels.dataset, levels.period, levels.scope, levels.state, levels.days_late
from {batch} as levels
left join accepted
    on levels.department = accepted.department
        and levels.dataset = accepted.dataset
        and levels.period = accepted.period
        and levels.scope = accepted.scope
where coalesce(levels.state, '') not in ('on_time', 'late', 'refused', 'missing')
    or (accepted.period is not null) <> (levels.state in ('on_time', 'late'))
    or (levels.state = 'late') <> (coalesce(levels.days_late, 0) > 0)
