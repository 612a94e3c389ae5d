-- one row per delivery of a department; of persons whose small numbers are not shown, a city's file tells no number of rows
with private as (
    select distinct formulas.dataset_name
    from {{ ref('int_formulas__declared') }} as formulas
    inner join {{ ref('stg_plan__indicators') }} as indicators on formulas.indicator = indicators.indicator
    where indicators.is_sensitive
),

deliveries as (
    select
        delivered.*,
        departments.name_zh as department_zh,
        datasets.name_zh as dataset_zh,
        private.dataset_name is not null and coalesce(delivered.scope <> '320000', false) as is_private
    from {{ ref('stg_lake__deliveries') }} as delivered
    left join private on delivered.dataset_name = private.dataset_name
    left join {{ ref('vocabulary') }} as departments on delivered.department = departments.code and departments.column_name = 'department'
    left join {{ ref('vocabulary') }} as datasets on delivered.dataset = datasets.code and datasets.column_name = 'dataset'
    where delivered.department <> 'plan'
)

select
    delivery_id,
    department,
    dataset,
    period,
    scope,
    department_zh,
    dataset_zh,
    case when outcome in ('refused', 'withdrawn') then outcome when is_accepted then 'accepted' else 'superseded' end as outcome,
    source_file,
    source_sha256,
    contract_version,
    reason,
    case when is_private and message_zh is not null then '说明中有小范围的行数，见给填报部门的回执' else message_zh end as message_zh,
    case when not is_private then rows_read end as rows_read,
    case when not is_private then rows_accepted end as rows_accepted,
    case when not is_private then rows_rejected end as rows_rejected,
    cast(greatest(coalesce(received_date - due_date, 0), 0) as integer) as days_late,
    due_date,
    received_at,
    arrived_at
from deliveries
