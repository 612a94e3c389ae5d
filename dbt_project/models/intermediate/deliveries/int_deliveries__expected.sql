-- one row per dataset, period and reporting area (the province, or a city) of which a delivery has come or is expected: from
-- the first year that values are expected for to the year of the newest receipt, which is the day that states are as of
with datasets (department, dataset, frequency, cycle_months, latency_days, is_by_city) as (
    values {{ promises() }}
),

deliveries as (
    select
        *,
        cast(year as integer) * 12 + coalesce(cast(nullif(substr(period, 6, 2), '') as integer), 12) as month_number
    from {{ ref('stg_lake__deliveries') }}
    -- a file whose name does not tell its period and area is of none
    where department <> 'plan' and period is not null and coalesce(reason, '') <> 'unknown_name'
),

-- by the newest receipt and not by the clock: the same deliveries give the same states; a clock set wrong makes nothing due
as_of as (select max(received_date) as as_of_date from deliveries where received_date <= current_date + 1),

years as (
    select cast(period as integer) as year from {{ ref('int_periods') }}
    union distinct
    select cast(extract(year from as_of_date) as integer) as year from as_of
),

months (month) as (values (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12)),

scopes as (
    select '320000' as scope, false as is_city
    union all
    select region_code as scope, true as is_city from {{ ref('int_regions') }} where level = 'city'
),

-- which years a census is of its first delivery tells
firsts as (select department, dataset, min(month_number) as month_number from deliveries group by department, dataset),

periods as (
    select
        datasets.department,
        datasets.dataset,
        scopes.scope,
        cast(years.year as varchar)
        || case when datasets.frequency = 'm' then '-' || lpad(cast(months.month as varchar), 2, '0') else '' end as period
    from datasets
    cross join years
    inner join months on datasets.frequency = 'm' or months.month = 12
    inner join scopes on datasets.is_by_city = scopes.is_city
    left join firsts on datasets.department = firsts.department and datasets.dataset = firsts.dataset
    where
        datasets.cycle_months = case datasets.frequency when 'm' then 1 else 12 end
        or mod(years.year * 12 + months.month - firsts.month_number, datasets.cycle_months) = 0
    union distinct
    select department, dataset, scope, period from deliveries
),

-- a delivery is judged by the contract that it came under
dated as (
    select
        periods.department,
        periods.dataset,
        periods.period,
        periods.scope,
        count(deliveries.delivery_id) as deliveries,
        count(case when deliveries.outcome = 'refused' then deliveries.delivery_id end) as refusals,
        min(case when deliveries.outcome = 'landed' then deliveries.received_date end) as received_date,
        min(case when deliveries.outcome = 'landed' then deliveries.received_at end) as received_at,
        coalesce(
            max(deliveries.due_date),
            cast(
                cast(periods.period || case when datasets.frequency = 'm' then '-01' else '-12-01' end as date) + interval 1 month as date
            ) - 1 + max(datasets.latency_days)
        ) as due_date
    from periods
    inner join datasets on periods.department = datasets.department and periods.dataset = datasets.dataset
    left join deliveries
        on
            periods.department = deliveries.department
            and periods.dataset = deliveries.dataset
            and periods.period = deliveries.period
            and periods.scope = deliveries.scope
    group by periods.department, periods.dataset, periods.period, periods.scope, datasets.frequency
)

select
    dated.department,
    dated.dataset,
    dated.department || '/' || dated.dataset as dataset_name,
    dated.period,
    left(dated.period, 4) as year,
    dated.scope,
    case
        when dated.received_date <= dated.due_date then 'on_time'
        when dated.received_date is not null then 'late'
        when dated.refusals > 0 then 'refused'
        when dated.due_date < as_of.as_of_date then 'missing'
        else 'not_due'
    end as state,
    dated.deliveries,
    case when dated.received_date is not null then greatest(dated.received_date - dated.due_date, 0) end as days_late,
    dated.due_date,
    dated.received_at
from dated
cross join as_of
