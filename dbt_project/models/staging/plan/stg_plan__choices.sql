-- one row per number that an indicator's definition was settled by: item is null where the choice is a single number
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'choices') }}
