-- one row per indicator and period with a dataset that is refused or not yet due: why there may be no value
with feeds as (
    select distinct formulas.indicator, declared.dataset_name, declared.frequency, declared.latency_days
    from {{ ref('stg_plan__formulas') }} as formulas
    inner join {{ ref('int_measures__declared') }} as declared on formulas.measure = declared.measure
    where declared.reach <> 'latest' and formulas.detail = 'headline'
),

deliveries as (select * from {{ ref('stg_lake__deliveries') }} where department <> 'plan'),

as_of as (select cast(max(received_at) as date) as as_of from deliveries),

expected as (
    select
        feeds.indicator,
        periods.period,
        feeds.dataset_name,
        cast(periods.period || '-12-31' as date) + feeds.latency_days > as_of.as_of as is_not_due,
        sum(case when deliveries.is_accepted then 1 else 0 end) as accepted,
        sum(case when deliveries.outcome = 'refused' then 1 else 0 end) as refused
    from feeds
    cross join {{ ref('int_periods') }} as periods
    cross join as_of
    left join deliveries on feeds.dataset_name = deliveries.dataset_name and periods.period = deliveries.year
    group by feeds.indicator, periods.period, feeds.dataset_name, feeds.latency_days, as_of.as_of
)

select
    indicator,
    period,
    case
        when max(case when accepted = 0 and refused > 0 then 1 else 0 end) = 1 then 'rejected'
        when max(case when accepted = 0 and is_not_due then 1 else 0 end) = 1 then 'not_due'
        else 'missing'
    end as status
from expected
group by indicator, period
