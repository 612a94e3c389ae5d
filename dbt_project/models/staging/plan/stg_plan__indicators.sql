-- one row per indicator of the plan
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'indicators') }}
