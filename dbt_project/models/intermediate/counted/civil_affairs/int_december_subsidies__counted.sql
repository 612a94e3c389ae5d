{{ config(materialized='kept') }}
-- one row per measure, region and year: persons paid a disability subsidy for December, and those left without who was
-- paid a kind that the register of the year end does not entitle to and who was not paid one that it does; each person
-- once, in the county of the latest payment, else of the register
with todo as (
    select inputs_key, year, cast(cast(year as integer) + 1 as varchar) as next_year, year || '-12' as for_month
    from {{ pending() }}
    -- without the payments made in December itself everybody would be one who was omitted
    where year || '-12' in (select period from {{ ref('stg_civil_affairs__disability_subsidy_payments') }})
),

payments as (
    select
        payments.person_key,
        payments.subsidy_kind,
        payments.region_code,
        row_number() over (
            partition by payments.person_key order by payments.paid_date desc, payments.record desc
        ) as recency
    from {{ ref('stg_civil_affairs__disability_subsidy_payments') }} as payments
    inner join todo
        on payments.for_month = todo.for_month and left(payments.period, 4) in (todo.year, todo.next_year)
),

paid as (
    select
        person_key,
        max(case when recency = 1 then region_code end) as region_code,
        max(case when subsidy_kind = 'living' then 1 else 0 end) as living,
        max(case when subsidy_kind = 'nursing' then 1 else 0 end) as nursing
    from payments
    group by person_key
),

eligible as (
    select
        register.person_key,
        register.region_code,
        case when register.is_living_subsidy_eligible then 1 else 0 end as living,
        case when register.is_nursing_subsidy_eligible then 1 else 0 end as nursing
    from {{ ref('stg_disabled_persons__disability_register') }} as register
    inner join todo on register.period = todo.year
),

compared as (
    select
        coalesce(paid.region_code, eligible.region_code) as region_code,
        case when paid.person_key is null then 0 else 1 end as paid,
        case
            when coalesce(paid.living, 0) > coalesce(eligible.living, 0) or coalesce(paid.nursing, 0) > coalesce(eligible.nursing, 0) then 1
            else 0
        end as wrong,
        case
            when coalesce(paid.living, 0) < coalesce(eligible.living, 0) or coalesce(paid.nursing, 0) < coalesce(eligible.nursing, 0) then 1
            else 0
        end as omitted
    from paid
    full outer join eligible on paid.person_key = eligible.person_key
),

counted as (
    select
        todo.inputs_key,
        compared.region_code,
        todo.year as period,
        sum(compared.paid) as december_subsidised_persons,
        sum(compared.paid - compared.wrong - compared.omitted) as december_subsidised_persons_less_errors
    from compared
    cross join todo
    where todo.year in (select period from {{ ref('stg_disabled_persons__disability_register') }})
    group by todo.inputs_key, compared.region_code, todo.year
)

{{ melt('counted', ['december_subsidised_persons', 'december_subsidised_persons_less_errors']) }}
