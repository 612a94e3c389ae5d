-- one row per choice that an indicator's definition was settled by, and item of it: value is its number, or its place in an
-- order; item is null where the choice is a single one, value where it is a word
select * exclude (record, delivery_id, period, contract_version) from {{ source('plan', 'choices') }}
