-- one row per child, category, county and year: who moved to another city may be on the registers of both
with children as (select * from {{ source('civil_affairs', 'children_in_difficulty') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    children.child_key,
    coalesce(successions.region_code, children.county_code) as region_code,
    children.period,
    children.category,
    children.protection_means,
    children.should_protect,
    children.is_protected,
    children.birth_date,
    children.register_date,
    children.exit_date,
    children.record
from children
left join successions on children.county_code = successions.former_code
