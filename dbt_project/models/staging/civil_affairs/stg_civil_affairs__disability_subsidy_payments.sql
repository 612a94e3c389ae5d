-- one row per payment of a disability subsidy, for one person, kind and month
with payments as (select * from {{ source('civil_affairs', 'disability_subsidy_payments') }}),

successions as (select * from {{ ref('stg_statistics__successions') }})

select
    payments.payment_id,
    payments.person_key,
    coalesce(successions.region_code, payments.county_code) as region_code,
    payments.period,
    payments.for_month,
    payments.subsidy_kind,
    payments.amount_cny,
    payments.paid_date,
    payments.record
from payments
left join successions on payments.county_code = successions.former_code
