-- title: 每期首次收下的交付不晚于应交日期
-- severity: warning
select department, dataset, period, scope, days_late from {batch} where coalesce(state, '') = 'late'
