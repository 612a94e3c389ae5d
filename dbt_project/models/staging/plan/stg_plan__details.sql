-- one row per indicator and other reading of it that is published beside the headline
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'details') }}
