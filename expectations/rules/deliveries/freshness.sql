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
        *, lag(starts) over (partition by department, dataset, scope order by starts) as starts_before
    from accepted
),

spans as (
    select
        department, dataset, scope, min(starts) as first, max(starts) as newest, max(due_date) as newest_due,
        min(datediff('month', starts_before, starts)) filter (where starts > starts_before) as least
    from gaps
    group by department, dataset, scope
),

-- the cycle is the least distance between two periods, ten years for a census; two years apart are a year with a hole
cycles as (select *, case when least between 12 and 59 then 12 else least end as months from spans),

-- by the newest receipt, not by the day of the audit: the same deliveries give the same answer
clock as (
    select cast(max(received_at) as date) as today from {batch} where cast(received_at as date) <= current_date + 1
),

expected as (
    select
        cycles.department, cycles.dataset, cycles.scope, clock.today,
        cast(cycles.first + to_months(cycles.months * steps.n) as date) as starts,
        cast(
            cycles.newest_due + to_months(cycles.months * steps.n - datediff('month', cycles.first, cycles.newest)) as date
        ) as due_date
    from cycles
    cross join clock
    cross join range(0, 1200) as steps (n)
    where cycles.months * steps.n <= datediff('month', cycles.first, clock.today)
)

select expected.department, expected.dataset, expected.scope, expected.starts, expected.due_date
from expected
anti join accepted
    on expected.department = accepted.department
        and expected.dataset = accepted.dataset
        and expected.scope is not distinct from accepted.scope
        and expected.starts = accepted.starts
where expected.due_date < expected.today
