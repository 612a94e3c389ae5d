-- one row per pair of neighbouring counties and span of validity, as the newest delivery has it, under the codes of today
with pairs as (select * from {{ source('transport', 'county_adjacency') }}),

successions as (select * from {{ ref('stg_statistics__successions') }}),

newest as (select max(period) as period from pairs)

select
    pairs.county_code_a,
    pairs.county_code_b,
    coalesce(first.region_code, pairs.county_code_a) as region_code_a,
    coalesce(second.region_code, pairs.county_code_b) as region_code_b,
    pairs.adjacency_type,
    pairs.shared_border_km,
    pairs.is_same_city,
    pairs.is_cross_province,
    pairs.valid_from,
    pairs.valid_to
from pairs
inner join newest on pairs.period = newest.period
left join successions as first on pairs.county_code_a = first.former_code
left join successions as second on pairs.county_code_b = second.former_code
