{{ config(materialized='kept') }}
-- one row per measure, region and year: person-months for which a disability subsidy was paid, and those confirmed as
-- wrongly paid or omitted; each person once a month, in the county of the latest payment or finding. Both belong to the
-- month that they are for, and may come in the year after (plan note 5, formulas.md 26); and the persons behind the months,
-- each once, in the county of the latest of them
with todo as (
    select inputs_key, year, cast(cast(year as integer) + 1 as varchar) as next_year from {{ pending() }}
),

payments as (
    select
        payments.person_key,
        payments.for_month,
        payments.subsidy_kind,
        payments.region_code,
        row_number() over (
            partition by payments.person_key, payments.for_month order by payments.paid_date desc, payments.record desc
        ) as recency
    from {{ ref('stg_civil_affairs__disability_subsidy_payments') }} as payments
    inner join todo
        on left(payments.for_month, 4) = todo.year and left(payments.period, 4) in (todo.year, todo.next_year)
),

-- of a month whose payments have not been delivered nothing is known: its findings wait
delivered as (
    select distinct payments.period
    from {{ ref('stg_civil_affairs__disability_subsidy_payments') }} as payments
    inner join todo on left(payments.period, 4) = todo.year
),

audits as (
    select
        audits.person_key,
        audits.for_month,
        audits.subsidy_kind,
        audits.finding,
        audits.region_code,
        row_number() over (
            partition by audits.person_key, audits.for_month, audits.finding
            order by audits.confirmed_date desc, audits.period desc, audits.record desc
        ) as recency
    from {{ ref('stg_civil_affairs__disability_subsidy_audits') }} as audits
    inner join delivered on audits.for_month = delivered.period
    inner join todo on audits.period in (todo.year, todo.next_year)
    where audits.confirmed_date is not null
),

person_months as (
    select
        person_key,
        for_month,
        max(case when recency = 1 then region_code end) as region_code,
        1 as paid,
        0 as wrong,
        0 as omitted,
        max(case when subsidy_kind = 'living' then 1 else 0 end) + max(case when subsidy_kind = 'nursing' then 1 else 0 end) as kinds_paid,
        0 as kinds_at_fault
    from payments
    group by person_key, for_month
    union all
    select
        person_key,
        for_month,
        max(case when recency = 1 then region_code end) as region_code,
        0 as paid,
        case when finding = 'wrong' then 1 else 0 end as wrong,
        case when finding = 'omitted' then 1 else 0 end as omitted,
        0 as kinds_paid,
        max(case when subsidy_kind = 'living' then 1 else 0 end) + max(case when subsidy_kind = 'nursing' then 1 else 0 end) as kinds_at_fault
    from audits
    group by person_key, for_month, finding
),

placed as (
    select
        person_months.*,
        wrong + omitted as errors,
        max(wrong + omitted) over (partition by person_key) as person_errors,
        row_number() over (partition by person_key, wrong + omitted order by for_month desc, wrong asc) as place
    from person_months
    inner join todo on left(person_months.for_month, 4) = todo.year
),

-- without the year's audits nobody knows of errors, which is not that there are none
counted as (
    select
        todo.inputs_key,
        placed.region_code,
        todo.year as period,
        sum(placed.paid) as subsidy_person_months_paid,
        sum(placed.wrong) as subsidy_person_months_wrong,
        sum(placed.omitted) as subsidy_person_months_omitted,
        sum(placed.paid - placed.wrong) as subsidy_person_months_rightly_paid,
        sum(placed.paid - placed.wrong + placed.omitted) as subsidy_person_months_due,
        sum(placed.kinds_paid) as subsidy_kind_months_paid,
        sum(placed.kinds_paid - placed.kinds_at_fault) as subsidy_kind_months_less_errors,
        sum(case when placed.place = 1 then placed.paid else 0 end) as subsidised_persons,
        sum(case when placed.place = 1 and placed.person_errors = 0 then placed.paid else 0 end) as subsidised_persons_without_errors,
        sum(case when placed.place = 1 then placed.errors else 0 end) as persons_with_subsidy_errors
    from placed
    cross join todo
    where todo.year in (select period from {{ ref('stg_civil_affairs__disability_subsidy_audits') }})
    group by todo.inputs_key, placed.region_code, todo.year
)

{{ melt('counted', [
    'subsidy_person_months_paid',
    'subsidy_person_months_wrong',
    'subsidy_person_months_omitted',
    'subsidy_person_months_rightly_paid',
    'subsidy_person_months_due',
    'subsidy_kind_months_paid',
    'subsidy_kind_months_less_errors',
    'subsidised_persons',
    'subsidised_persons_without_errors',
    'persons_with_subsidy_errors',
]) }}
