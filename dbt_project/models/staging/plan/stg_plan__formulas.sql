-- one row per indicator and measure of its formula
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'formulas') }}
