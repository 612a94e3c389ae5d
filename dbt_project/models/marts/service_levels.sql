-- one row per dataset, period and reporting area of which a delivery is due or has come
select
    expected.department,
    expected.dataset,
    expected.period,
    expected.scope,
    departments.name_zh as department_zh,
    datasets.name_zh as dataset_zh,
    expected.state,
    cast(expected.deliveries as integer) as deliveries,
    cast(expected.days_late as integer) as days_late,
    expected.due_date,
    expected.received_at
from {{ ref('int_deliveries__expected') }} as expected
left join {{ ref('vocabulary') }} as departments on expected.department = departments.code and departments.column_name = 'department'
left join {{ ref('vocabulary') }} as datasets on expected.dataset = datasets.code and datasets.column_name = 'dataset'
where expected.state <> 'not_due'
