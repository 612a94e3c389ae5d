-- title: 每个数据集按其周期应交的各期都有交付
-- severity: warning
select department, dataset, period, scope, due_date from {batch} where coalesce(state, '') = 'missing'
