-- one row per indicator and population basis that it is published on
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'bases') }}
