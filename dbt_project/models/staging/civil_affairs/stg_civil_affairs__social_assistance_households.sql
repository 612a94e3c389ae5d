-- one row per household, member, span of assistance and year
with members as (select * from {{ source('civil_affairs', 'social_assistance_households') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    members.household_key,
    members.person_key,
    coalesce(successions.region_code, members.county_code) as region_code,
    members.period,
    members.category,
    members.review_result,
    members.wish_institution as wishes_institution,
    members.in_institution as is_in_institution,
    members.from_date,
    members.to_date
from members
left join successions on members.county_code = successions.former_code
