-- one row per indicator and stratum that it has beside all
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'strata') }}
