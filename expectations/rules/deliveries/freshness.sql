-- title: 每个数据集按其周期应交的各期都有采用的交付
-- severity: warning
with accepted as (
    select
        department, dataset, scope, due_date,
        cast(case when length(period) = 4 then period || '-01-01' else period || '-01' end as date) as starts
    from {batch}
    where outcome = 'accepted' and regexp_full_match(coalesce(period, ''), '20[0-9][0-9](-[01][0-9])?')
),

gaps as (
    select
        *,
        datediff('month', lag(starts) over (partition by department, dataset, scope order by starts), starts) as months
    from accepted
),

-- the cycle is the least distance between two periods: a year, a month, ten years for a census
cycles as (
    select
        department, dataset, scope, min(starts) as first, max(starts) as newest, max(due_date) as newest_due,
        min(months) filter (where months > 0) as months
    from gaps
    group by department, dataset, scope
),

-- the clock is the newest receipt, so that the same deliveries give the same answer
clock as (select cast(max(received_at) as date) as today from {batch}),

expected as (
    select
        cycles.department, cycles.dataset, cycles.scope, clock.today,
        cycles.first + to_months(cast(cycles.months * steps.n as integer)) as starts,
        cycles.newest_due + to_months(cast(cycles.months * steps.n - datediff('month', cycles.first, cycles.newest) as integer)) as due
    from cycles
    cross join clock
    cross join range(0, 1200) as steps (n)
    where cycles.months * steps.n <= datediff('month', cycles.first, clock.today)
)

select expected.department, expected.dataset, expected.scope, cast(expected.starts as date) as period_starts, cast(expected.due as date) as due_date
from expected
anti join accepted
    on expected.department = accepted.department
        and expected.dataset = accepted.dataset
        and expected.scope is not distinct from accepted.scope
        and cast(expected.starts as date) = accepted.starts
where expected.due < expected.today
