-- exactly one row: the plan's periods and settings
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'plan') }}
