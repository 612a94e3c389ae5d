-- one row per code and column that it stands in: what it means
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'vocabulary') }}
